"""Commands that measure the engines on a folder: what an operator runs on their own data."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.biometrics.evaluation import chimeras, pages, peers
from services.biometrics.evaluation.extraction import Extracted, extract_faces, extract_fingers
from services.biometrics.evaluation.face import measure_faces
from services.biometrics.evaluation.fingerprint import (
    FingerFigures,
    Protocol,
    measure_fingers,
    pairs_within,
    search_rate,
)
from services.biometrics.evaluation.folders import EmptyFolderError, Half, Print, find_photos, find_prints
from services.biometrics.evaluation.pages import bounds, share
from services.biometrics.evaluation.peers import NbisComparer, PrintComparer
from services.biometrics.evaluation.person import CAPTURES, FULL, Draw, compare_fusions, measure_persons
from services.biometrics.evaluation.report import Report
from services.biometrics.evaluation.targets import Models
from services.biometrics.evidence import Rarity
from services.biometrics.face import FaceEngine, FaceEngineUnavailableError, calibration_of, load_face_engine
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.fingerprint.leader import ModelFileError
from services.cli.console import fail, json_option, show_json
from shared.settings import Settings

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_FAILURES: Final = (EmptyFolderError, FaceEngineUnavailableError, ModelFileError, OSError)

log = Console(stderr=True)

_report_option = click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML file with charts and tables."
)
_seed_option = click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
_half_option = click.option(
    "--half",
    type=click.Choice([each.value for each in Half]),
    default=Half.ALL.value,
    show_default=True,
    help="Of people (even SHA-256 of the name: calibration) and of each database's fingers (first half: calibration).",
)
_engine_option = click.option(
    "--engine", type=click.Choice(["auto", "dlib", "faceplugin"]), help="Face engine; default: of the settings."
)
_dpi_option = click.option(
    "--dpi",
    multiple=True,
    metavar="DBx=DPI",
    help="Resolution of a folder's prints; default: 569 for DB2, with 2004 in the path 512 for DB3, else 500.",
)


@click.command(epilog="Example: lindung evaluate face lfw --json --report faces.html")
@click.argument("folder", type=_FOLDER)
@_engine_option
@_half_option
@click.option(
    "--groups",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with the columns person and group: figures within each group too.",
)
@_seed_option
@_report_option
@json_option
def face(
    folder: Path, engine: str | None, half: str, groups: Path | None, seed: int, report: Path | None, as_json: bool
) -> None:
    """Faces of DIR/person/photo.jpg, one to one and one to many: EER, TAR at FMR, rank 1, TPIR at FPIR, CPU time.

    Every photo is compared with every other; for one to many each person's first photo is enrolled and the others are
    searched. Photos stay where they are; embeddings are kept in memory only.
    """
    try:
        chosen = _face_engine(engine)
        extracted = _faces(chosen, folder, half)
        labels = read_groups(groups) if groups else None
        figures = measure_faces(extracted, labels, seed)
    except _FAILURES as error:
        fail(str(error))
    document = {"engine": chosen.model_id, "half": half, **figures.document}
    _write(report, lambda facts: pages.face_report(figures, facts), {"engine": chosen.model_id, "half": half})
    _answer(document, as_json, _face_rows(document))


@click.command(epilog="Example: lindung evaluate fingerprint fvc2002 --protocol fvc --peers --report fingers.html")
@click.argument("folder", type=_FOLDER)
@click.option(
    "--protocol",
    type=click.Choice([each.value for each in Protocol]),
    default=Protocol.FVC.value,
    show_default=True,
    help="Impostors of the main figures: first impressions, or all. Those of all are always told besides.",
)
@_dpi_option
@_half_option
@click.option("--peers", "with_peers", is_flag=True, help="NBIS (mindtct, bozorth3) beside ours, where installed.")
@_seed_option
@_report_option
@json_option
def fingerprint(
    folder: Path,
    protocol: str,
    dpi: tuple[str, ...],
    half: str,
    with_peers: bool,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Prints of DIR/DBx/FFF_I.png or DIR/FFF_I.png, one to one: EER, FMR100, FMR1000, ZeroFMR, CPU time.

    Genuine: all pairs of impressions of a finger. Impostors, protocol fvc: first impressions of different fingers;
    protocol all: all pairs of different fingers of a database.
    """
    try:
        prints = find_prints(folder, Half(half), resolutions(dpi))
        ours = LeaderMccEngine()
        templates = _templates(ours, prints)
        figures = _fingers(ours, templates, Protocol(protocol), seed)
        searched = search_rate(templates.samples)
        others = _peers(prints, Protocol(protocol), seed) if with_peers else {}
    except _FAILURES as error:
        fail(str(error))
    beside = {name: each.document for name, each in others.items()}
    rates = {"search_comparisons_per_s": searched, "peers": beside}
    document = {"engine": ours.model_id, "half": half, **figures.document, **rates}
    _write(
        report,
        lambda facts: pages.finger_report(figures, ours.model_id, facts, beside),
        {"engine": ours.model_id, "half": half, "protocol": protocol},
    )
    _answer(document, as_json, _finger_rows(document))


@click.command(epilog="Example: lindung evaluate person --faces lfw --fingers fvc2002 --distractors 100000 --json")
@click.option("--faces", type=_FOLDER, required=True, help="DIR/person/photo.jpg.")
@click.option("--fingers", type=_FOLDER, required=True, help="DIR/DBx/FFF_I.png, as FVC names them.")
@click.option(
    "--distractors",
    type=click.IntRange(0, 5_000_000),
    default=10_000,
    show_default=True,
    help="Chimeras enrolled besides the folder's people: faces and prints of others of the folder, put together anew.",
)
@click.option("--searches", type=click.IntRange(100, 100_000), default=10_000, show_default=True)
@click.option(
    "--compare-fusions",
    "with_fusions",
    is_flag=True,
    help="Learn weights on the calibration half and try them beside the sum of bans on the other half.",
)
@_engine_option
@_dpi_option
@_half_option
@_seed_option
@_report_option
@json_option
def person(
    faces: Path,
    fingers: Path,
    distractors: int,
    searches: int,
    with_fusions: bool,
    engine: str | None,
    dpi: tuple[str, ...],
    half: str,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Chimeric people, a face and two fingers each, searched in a large gallery: FNIR at FPIR, rank 1, thresholds.

    Each search has a photo of one person and two fingers lent by another; its gallery holds the folder's people and
    the distractors, none of whom has that face or either of those fingers.
    """
    draw = Draw(distractors, searches, seed)
    try:
        chosen, finger_engine = _face_engine(engine), LeaderMccEngine()
        measured = _Evidence(chosen, finger_engine, faces, fingers, resolutions(dpi))
        found = measured.of(Half(half))
        with progress_of("searches", searches) as came:
            figures = measure_persons(*found, measured.models, draw, came)
        if with_fusions:
            figures.document["fusions"] = _compare_fusions(measured, draw)
    except _FAILURES as error:
        fail(str(error))
    models = {"face_engine": chosen.model_id, "finger_engine": finger_engine.model_id, "half": half}
    document = {**models, **figures.document}
    _write(report, lambda facts: pages.person_report(figures, facts), models)
    _answer(document, as_json, _person_rows(document))


class _Evidence:
    """Faces and fingers of two folders, extracted once and compared within a half."""

    def __init__(
        self, face_engine: FaceEngine, finger_engine: LeaderMccEngine, faces: Path, fingers: Path, dpi: dict[str, int]
    ) -> None:
        self._calibration, self._finger_engine = calibration_of(face_engine), finger_engine
        self._folders, self._dpi = (faces, fingers), dpi
        self._photos = _faces(face_engine, faces, Half.ALL.value)
        self._prints = _templates(finger_engine, find_prints(fingers, dpi=dpi))

    @property
    def models(self) -> Models:
        """What the product's score is made by."""
        known = {each.model_id: each for each in (self._calibration, LEADER_MCC16B_1)}
        return Models(Rarity(known), self._calibration.model_id, LEADER_MCC16B_1.model_id)

    def of(self, half: Half) -> tuple[chimeras.Faces, list[chimeras.Fingers]]:
        """The evidence of all comparisons within a half."""
        photos = self._photos.only(find_photos(self._folders[0], half))
        prints = self._prints.only(find_prints(self._folders[1], half, self._dpi))
        with progress_of("comparisons of prints", pairs_within(prints.sources)) as came:
            fingers = chimeras.compare_fingers(self._finger_engine, prints, LEADER_MCC16B_1, came)
        return chimeras.compare_faces(photos, self._calibration), fingers


def _compare_fusions(measured: _Evidence, draw: Draw) -> dict[str, Any]:
    halves = measured.of(Half.CALIBRATION), measured.of(Half.HELD_OUT)
    captures = [name for name in CAPTURES if name.startswith("face +")]
    with progress_of("searches by two fusions", 2 * draw.searches * len(captures)) as came:
        return {capture: compare_fusions(*halves, draw, came, capture) for capture in captures}


def _face_engine(choice: str | None) -> FaceEngine:
    settings = Settings()
    return load_face_engine(choice or settings.face_engine, settings.model_folder)  # type: ignore[arg-type]


def _faces(engine: FaceEngine, folder: Path, half: str) -> Extracted[Any, Any]:
    photos = find_photos(folder, Half(half))
    with progress_of("photos", len(photos)) as came:
        return extract_faces(engine, photos, came)


def _templates(engine: PrintComparer, prints: list[Print]) -> Extracted[Print, Any]:
    with progress_of(f"prints, {engine.model_id}", len(prints)) as came:
        return extract_fingers(engine, prints, came)


def _fingers(engine: PrintComparer, templates: Extracted[Print, Any], protocol: Protocol, seed: int) -> FingerFigures:
    with progress_of("comparisons", pairs_within(templates.sources)) as came:
        return measure_fingers(engine, templates, protocol, came, seed)


def _peers(prints: list[Print], protocol: Protocol, seed: int) -> dict[str, FingerFigures]:
    if not peers.is_installed():
        log.print("NBIS (nbis-py) is not installed here: left out")
        return {}
    nbis = NbisComparer()
    return {nbis.model_id: _fingers(nbis, _templates(nbis, prints), protocol, seed)}


def resolutions(stated: tuple[str, ...]) -> dict[str, int]:
    """What `--dpi DBx=DPI` says, by folder."""
    found = {}
    for each in stated:
        name, _, dpi = each.partition("=")
        if not name or not dpi.isdecimal():
            raise click.BadParameter(f"{each!r} is not DBx=DPI", param_hint="--dpi")
        found[name] = int(dpi)
    return found


def read_groups(path: Path) -> dict[str, str]:
    """Group by person of a CSV with these two columns."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if not {"person", "group"} <= set(rows.fieldnames or ()):
            raise click.BadParameter("needs the columns person and group", param_hint="--groups")
        return {row["person"]: row["group"] for row in rows}


@contextmanager
def progress_of(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error; call what is given after each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=log, refresh_per_second=2) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


def _write(path: Path | None, make: Callable[[list[tuple[str, str]]], Report], facts: dict[str, str]) -> None:
    if path is None:
        return
    words = " ".join(Path(word).name if "/" in word else word for word in sys.argv[1:])
    page = make([*facts.items(), ("command", f"lindung {words}")]).html()
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        fail(str(error))
    log.print(f"report: {path}")


def _answer(document: dict[str, Any], as_json: bool, rows: list[tuple[str, str, str]]) -> None:
    if as_json:
        show_json(document)
        return
    table = Table("figure", "value", "95 % interval")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _face_rows(of: dict[str, Any]) -> list[tuple[str, str, str]]:
    ci = of["ci"]
    return [
        ("engine", of["engine"], ""),
        ("people, photos", f"{of['n_people']}, {of['n_photos']}", ""),
        ("failure to extract", share(of["fte"]), ""),
        ("EER", share(of["eer"]), bounds(ci.get("eer"))),
        *((f"TAR at FMR {name}", share(value), bounds(ci.get(f"tar.{name}"))) for name, value in of["tar"].items()),
        ("rank 1", share(of["rank1"]), bounds(ci.get("rank1"))),
        *(
            (f"TPIR at FPIR {name}", share(value), bounds(ci.get(f"tpir_at_fpir.{name}")))
            for name, value in of["tpir_at_fpir"].items()
        ),
        ("CPU ms a photo", f"{of['cpu_ms_per_photo']}", ""),
    ]


def _finger_rows(of: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = [("engine", of["engine"], ""), ("failure to extract", share(of["fte"]), "")]
    for name, part in (("mean", of["mean"]), *of["databases"].items()):
        ci = of["ci"] if name == "mean" else part["ci"]
        rows += [
            (f"{name} {figure}", share(part[figure]), bounds(ci[figure])) for figure in ("eer", "fmr100", "fmr1000")
        ]
        rows.append((f"{name} fmr1000, all impostors", share(part["all_impostors"]["fmr1000"]), ""))
    rows += [
        ("CPU ms a print", f"{of['cpu_ms_extract']}", ""),
        ("comparisons a second, one by one", f"{of['comparisons_per_s']}", ""),
        ("prints a second in a search", f"{of['search_comparisons_per_s']}", ""),
    ]
    for name, peer in of["peers"].items():
        rows += [(f"{name} mean {figure}", share(peer["mean"][figure]), "") for figure in ("eer", "fmr1000")]
        rows.append(
            (f"{name} CPU ms, comparisons a second", f"{peer['cpu_ms_extract']}, {peer['comparisons_per_s']}", "")
        )
    return rows


def _person_rows(of: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = [("gallery", f"{of['gallery']:,}", ""), (f"rank 1, {FULL}", share(of["rank1"]), bounds(of["ci"]["rank1"]))]
    for name, row in of["by_capture"].items():
        for rate, value in row["fnir_at_fpir"].items():
            threshold = row["threshold_at_fpir"][rate]
            from_score = "" if threshold is None else f", from a score of {threshold:.2f}"
            interval = bounds(row["ci"].get(f"fnir_at_fpir.{rate}"))
            rows.append((f"FNIR at FPIR {rate}, {name}", f"{share(value)}{from_score}", interval))
    rows += [
        (f"target {target}, gallery {int(size):,}, {name}", f"FPIR {at['fpir']:.2g}", bounds(at["ci"]["fpir"]))
        for name, part in of["at_target"].items()
        for target, sizes in part["targets"].items()
        for size, at in sizes.items()
    ]
    return rows
