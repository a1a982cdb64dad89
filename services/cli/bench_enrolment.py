"""The command that measures enrolment at many desks at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from services.cli.console import json_option, show_json
from shared.contracts.osia import BiometricSubType

if TYPE_CHECKING:
    from services.biometrics.benchmark.enrolment import Capture

log = Console(stderr=True)
POSITIONS = (BiometricSubType.RIGHT_INDEX, BiometricSubType.LEFT_INDEX)
_CAPTURED, _CAPTURED_QUICK = 6, 1


@click.command(epilog="Example: lindung bench enrolment --people 100000 --desks 8 --svg enrolment.svg")
@click.option("--people", default=1_000_000, show_default=True, type=click.IntRange(50), help="In the gallery.")
@click.option("--desks", default=8, show_default=True, type=click.IntRange(1, 100), help="That enrol at once.")
@click.option("--seconds", default=120.0, show_default=True, type=click.FloatRange(1), help="How long they do.")
@click.option("--quick", is_flag=True, help="300 people and 3 seconds, to see that it works.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw the run into this file.")
@json_option
def enrolment(people: int, desks: int, seconds: float, quick: bool, svg: Path | None, as_json: bool) -> None:
    """Desks that enrol at once: decode, embed, search, fuse, over a gallery in memory.

    Each person has a face and two fingers. The gallery is made up by seed; the captured people are drawn. A million
    people take 13 GB, and ten minutes of CPU to be made.
    """
    from services.biometrics.benchmark.enrolment import EnrolmentPlan, measure
    from services.biometrics.benchmark.enrolment_chart import enrolment_chart
    from services.biometrics.templates.engines import load_engines
    from shared.settings import Settings

    plan = EnrolmentPlan(people, desks, seconds)
    if quick:
        plan = EnrolmentPlan(people=300, desks=desks, seconds=3.0, made=30)
    captured = _captured(_CAPTURED_QUICK if quick else _CAPTURED)
    document = measure(plan, captured, load_engines(Settings()), log.print)
    if svg:
        svg.write_text(enrolment_chart(document))
    if as_json:
        show_json(document)
    else:
        _show(document)


def _captured(people: int) -> "list[tuple[Capture, Capture]]":
    """Two captures of each of some drawn people: a portrait and a live photo, two impressions of each finger."""
    from services.biometrics.benchmark.enrolment import Capture
    from services.sandbox.faces import CAST
    from services.sandbox.region import Impression, Shot
    from services.sandbox.studio import Studio

    studio = Studio()

    def capture(person: int, visit: int) -> Capture:
        fingers = {
            position: studio.fingerprint(Impression(1000 + 10 * person + place, visit))
            for place, position in enumerate(POSITIONS)
        }
        return Capture(studio.photo(Shot(CAST[person], visit)), fingers)

    return [(capture(person, 0), capture(person, 1)) for person in range(people)]


def _show(document: dict[str, Any]) -> None:
    table = Table("", "", title="Enrolment", show_header=False)
    for name in ("people", "desks", "cores", "enrolments", "enrolments_a_minute", "p50_ms", "p95_ms", "p99_ms"):
        table.add_row(name.replace("_", " "), f"{document[name]:,}")
    table.add_row("captured people found", f"{document['found']:,} of {document['enrolments']:,}")
    for stage, cpu_ms in document["cpu_ms"].items():
        table.add_row(f"CPU ms: {stage}", f"{cpu_ms:,}")
    table.add_row("bytes a finger", f"{document['fingers']['octets'] / document['fingers']['prints']:,.0f}")
    table.add_row("memory, GB", f"{document['resident_gb']:,}")
    Console().print(table)
