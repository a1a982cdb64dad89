"""The command that measures ages estimated from faces."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from services.cli.console import fail, json_option, show_json

log = Console(stderr=True)


@click.command(epilog="Example: lindung evaluate age utkface --json")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="Of the intervals.")
@json_option
def age(folder: Path, seed: int, as_json: bool) -> None:
    """Ages from faces of FOLDER/AGE_SEX_GROUP_….jpg: mean error, minors told from adults, minors missed, by group.

    What an estimate is worth, before LINDUNG_AGE_ESTIMATES is set. Ends with 1 where no model is installed,
    and says which one could be.
    """
    from services.biometrics.age.estimator import MODEL_ID, AgeEstimator, AgeModelUnavailableError
    from services.biometrics.evaluation.age import find_aged_photos, measure_ages
    from services.biometrics.evaluation.folders import EmptyFolderError
    from services.biometrics.face import FaceEngineUnavailableError, FaceNotUsableError
    from services.biometrics.images import ImageRefusedError, open_photo

    refused: Counter[str] = Counter()
    kept, estimates = [], []
    try:
        photos, estimator = find_aged_photos(folder), AgeEstimator()
        for photo in photos:
            try:
                estimates.append(estimator.estimate(open_photo(photo.path.read_bytes())))
                kept.append(photo)
            except (FaceNotUsableError, ImageRefusedError) as error:
                refused[error.reason.value] += 1
    except (AgeModelUnavailableError, EmptyFolderError, FaceEngineUnavailableError, OSError) as error:
        fail(str(error))
    if not kept:
        fail("no photo with a face that can be used")
    document = {"model": MODEL_ID, "refused": dict(refused), **measure_ages(kept, np.array(estimates), seed)}
    if as_json:
        show_json(document)
    else:
        _show(document)


def _show(document: dict[str, Any]) -> None:
    table = Table("", "n", "minors", "MAE, years", "AUC minor", "minors missed at 10 % of all adults", "adults taken")
    for name, row in [("all", document), *document["by_group"].items()]:
        cells = [_cell(row, "mae"), _cell(row, "auc_minor"), _cell(row, "fnr_at_fpr", "0.1"), _cell(row, "fpr", "0.1")]
        table.add_row(name, str(row["n"]), str(row["n_minors"]), *cells)
    Console().print(table)


def _cell(row: dict[str, Any], *path: str) -> str:
    if path[0] not in row:
        return ""
    value, interval = row, row["ci"]
    for step in path:
        value, interval = value[step], interval[step]
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"
