"""Commands that measure the name engine on lists with known answers."""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import fail, json_option, show_json
from services.registry.screening.evaluation import Half, JudgedPair, NativeName, measure_names, measure_transliteration

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
T = TypeVar("T")

_half_option = click.option(
    "--half",
    type=click.Choice([each.value for each in Half]),
    default=Half.ALL.value,
    show_default=True,
    help="By a digest of the first name; rules and thresholds were made while looking at the first half.",
)


class BadListError(ValueError):
    """A list that lacks a column or has no rows."""


@click.command(epilog="Example: lindung evaluate names pairs.csv --half second --json")
@click.argument("pairs", type=_FILE)
@_half_option
@json_option
def names(pairs: Path, half: str, as_json: bool) -> None:
    """Judged pairs of names (name1,name2,schema,is_match and perhaps set): precision, recall and F1 of the score.

    At the threshold of screening and at the best one, recall where precision is 0.95, by set when there is that
    column; rapidfuzz's WRatio on the same pairs beside it.
    """
    judged = _load(pairs, _pair, lambda pair: Half(half).keeps(pair.one))
    document = measure_names(judged)
    if as_json:
        show_json(document)
        return
    rows = [("all", document), *document["by_set"].items(), ("WRatio on ASCII", document["peers"]["wratio_on_ascii"])]
    keys = ("n", "precision", "recall", "f1", "best_f1", "best_threshold", "recall_at_p95")
    _show(f"Names, threshold {document['threshold']}", keys, rows)
    click.echo(f"{document['pairs_per_s']} comparisons a second of one core, names prepared")


@click.command(epilog="Example: lindung evaluate transliteration names.csv --json")
@click.argument("spellings", metavar="LIST", type=_FILE)
@_half_option
@json_option
def transliteration(spellings: Path, half: str, as_json: bool) -> None:
    """Native names and their Latin spellings (set,native,latin; | between spellings): is a name's own found first?

    Each native name of a set is looked for among all Latin spellings of the set; anyascii with rapidfuzz beside it.
    """
    listed = _load(spellings, _native, lambda name: Half(half).keeps(name.native))
    document = measure_transliteration(listed)
    if as_json:
        show_json(document)
        return
    rows = [(group, found | _beside(found["peers"]["anyascii"])) for group, found in document.items()]
    _show("Own Latin spelling among all of the set", ("n", "top1", "top10", "anyascii top1", "anyascii top10"), rows)


def _beside(peer: dict[str, float]) -> dict[str, float]:
    return {f"anyascii {key}": value for key, value in peer.items()}


def _load(path: Path, read: Callable[[dict[str, str]], T], keep: Callable[[T], bool]) -> list[T]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = [row for row in _rows(csv.DictReader(file), read) if keep(row)]
    except (BadListError, UnicodeDecodeError, csv.Error) as error:
        fail(f"{path.name}: {error}")
    if not found:
        fail(f"{path.name}: no rows")
    return found


def _rows(rows: Iterable[dict[str, str]], read: Callable[[dict[str, str]], T]) -> Iterator[T]:
    for number, row in enumerate(rows, 2):
        try:
            yield read(row)
        except (KeyError, AttributeError) as error:
            raise BadListError(f"line {number} lacks a column ({error})") from error


def _pair(row: dict[str, str]) -> JudgedPair:
    same = row["is_match"].strip().casefold() in {"true", "1", "yes"}
    return JudgedPair(row["name1"], row["name2"], row["schema"], same, row.get("set") or "")


def _native(row: dict[str, str]) -> NativeName:
    return NativeName(row["set"], row["native"], tuple(row["latin"].split("|")))


def _show(title: str, keys: tuple[str, ...], rows: list[tuple[str, dict[str, Any]]]) -> None:
    table = Table(title=title)
    for heading in ("set", *keys):
        table.add_column(heading.replace("_", " "))
    for name, figures in rows:
        table.add_row(name, *(str(figures[key]) for key in keys))
    Console().print(table)
