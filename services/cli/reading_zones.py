"""`lindung evaluate mrz`: how often the zone of a page is read from its image, by what happened to the page."""

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from services.cli.console import json_option, run, show_json
from services.cli.proportions import wilson
from services.registry.documents.image_reader import DocumentImageError, ImageReader, PageZone
from services.sandbox.pages import SPOILS, draw_page, file_of
from services.sandbox.region.passports import draw_number
from shared.standards.mrz import Mrz, MrzFormat, parse_mrz, write_mrz

_FORMATS: Final = (MrzFormat.TD3, MrzFormat.TD3, MrzFormat.TD1, MrzFormat.TD2)
_ISSUERS: Final = ("IDN", "MMR", "PHL", "THA", "VNM", "KHM", "LAO", "MYS")
_SURNAMES: Final = ("NGUYEN", "DELA CRUZ", "KYAW", "SRISUK", "LESTARI", "SOK", "VONGSA", "ABDULLAH")
_GIVEN: Final = ("VAN HUNG", "MARIA LOURDES", "ZIN HTET", "KANYA", "SITI NURHALIZA", "BOPHA", "KHAM", "QAIS FIRDAUS")


@dataclass(frozen=True)
class _Outcome:
    """One page: whether every character, and whether number and dates, were read right; else whether it was noticed."""

    whole: bool
    data: bool
    deceived: bool
    seconds: float


@click.command(epilog="Example: lindung evaluate mrz --count 50 --json")
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Pages for each distortion."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of names, numbers and distortions.")
@click.option(
    "--font",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TrueType file for the zone, as OCR-B; default: Pillow's own font.",
)
@json_option
def mrz(count: int, seed: int, font: Path | None, as_json: bool) -> None:
    """Draw pages of passports and cards, spoil them, and read their zones as those of a desk's photos are read.

    A page counts as read when every character is right; as deceived when number or dates are wrong and every check
    digit fits all the same.
    """
    outcomes = run(lambda: _measure(count, seed, font))
    document = {kind: _summary(some) for kind, some in outcomes.items()}
    if as_json:
        show_json(
            {"count": count, "seed": seed, "font": font.name if font else "Pillow's own", "distortions": document}
        )
    else:
        _show(document)


async def _measure(count: int, seed: int, font: Path | None) -> dict[str, list[_Outcome]]:
    reader = ImageReader()
    try:
        return {kind: [await _one(reader, *page) for page in _pages(kind, count, seed, font)] for kind in SPOILS}
    finally:
        await reader.close()


def _pages(kind: str, count: int, seed: int, font: Path | None) -> Iterator[tuple[str, bytes]]:
    rng = random.Random(f"{seed} {kind}")  # noqa: S311  test data
    for number in range(count):
        zone = _zone(_FORMATS[number % len(_FORMATS)], rng)
        spoiled = SPOILS[kind](draw_page(zone, number, font), np.random.default_rng((seed, number)))
        yield zone, file_of(spoiled, 92)


def _zone(mrz_format: MrzFormat, rng: random.Random) -> str:
    issuer = rng.choice(_ISSUERS)
    return write_mrz(
        mrz_format,
        document_code="P" if mrz_format is MrzFormat.TD3 else "I",
        issuer=issuer,
        surname=rng.choice(_SURNAMES),
        given_names=rng.choice(_GIVEN),
        document_number=draw_number(issuer, rng),
        nationality=issuer,
        birth=f"{rng.randint(60, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}",
        sex=rng.choice("FM"),
        expiry=f"{rng.randint(27, 35)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}",
        optional_data=rng.choice(("", str(rng.randint(1000, 999999)))),
    )


async def _one(reader: ImageReader, zone: str, page: bytes) -> _Outcome:
    began = time.perf_counter()
    read: PageZone | None = None
    with suppress(DocumentImageError):
        read = await reader.zone(page)
    seconds = time.perf_counter() - began
    if read is None:
        return _Outcome(whole=False, data=False, deceived=False, seconds=seconds)
    found = parse_mrz(read.text)
    data = _data(found) == _data(parse_mrz(zone))
    return _Outcome(read.text == zone, data, not data and found.checks_ok, seconds)


def _data(zone: Mrz) -> tuple[str, ...]:
    """What the check digits watch over."""
    return zone.document_number, zone.birth, zone.expiry


def _summary(outcomes: list[_Outcome]) -> dict[str, Any]:
    def share(name: str) -> dict[str, Any]:
        n = sum(getattr(each, name) for each in outcomes)
        low, high = wilson(n, len(outcomes))
        return {"n": n, "of": len(outcomes), "ci95": [round(low, 3), round(high, 3)]}

    median = round(statistics.median(each.seconds for each in outcomes), 2)
    return {"read": share("whole"), "data": share("data"), "deceived": share("deceived"), "median_seconds": median}


def _show(document: dict[str, Any]) -> None:
    table = Table(title="Zones read from images of pages (95 % Wilson interval)")
    for heading in ("what happened to the page", "every character", "number and dates", "deceived", "median s"):
        table.add_column(heading)
    for kind, each in document.items():
        cells = [_cell(each[name]) for name in ("read", "data")]
        table.add_row(kind, *cells, str(each["deceived"]["n"]), str(each["median_seconds"]))
    Console().print(table)


def _cell(share: dict[str, Any]) -> str:
    low, high = share["ci95"]
    return f"{share['n']}/{share['of']} ({100 * low:.0f} to {100 * high:.0f} %)"
