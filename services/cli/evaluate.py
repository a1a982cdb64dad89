"""Commands that measure: the engines on a folder, and real input through the real API, counted with intervals."""

import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.connection import Identity, connect
from services.cli.console import fail, json_option, run, show_json
from services.cli.evaluate_age import age
from services.cli.evaluate_redflags import redflags
from services.cli.evaluate_registration import registration
from services.cli.hostile import hostile_command
from services.cli.measuring import face, fingerprint, person
from services.cli.naming import names, transliteration
from services.cli.preparation import register_clients, settings_in
from services.cli.proportions import wilson
from services.cli.reading_zones import mrz
from services.cli.trial import Course, Presentation, Stratum, Subject, TooFewPeopleError, Trial, recruit
from shared.contracts.caller import Purpose, Role
from shared.http.observation import configure_logging
from shared.settings import Settings

_DESKS = ("desk-1", "desk-2")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

log = Console(stderr=True)


@click.group(epilog="Example: lindung evaluate enrolment --faces lfw --fingers fvc2002 --people 240")
def evaluate() -> None:
    """Measure how often people are found again, and how often somebody is taken for another."""


for _command in (face, fingerprint, person, hostile_command, names, transliteration, mrz, age, registration, redflags):
    evaluate.add_command(_command)


@evaluate.command(epilog="Example: lindung evaluate enrolment --faces lfw --fingers fvc2002 --people 240 --json")
@click.option("--faces", type=_FOLDER, required=True, help="DIR/person/photo.jpg; people with two photos are taken.")
@click.option("--fingers", type=_FOLDER, required=True, help="DIR/DBx/FFF_I.png, as FVC names them.")
@click.option(
    "--people",
    type=click.IntRange(1, 5000),
    required=True,
    help="How many with a print: of a real finger while there are any, else synthetic. A quarter more come without.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the draw.")
@json_option
def enrolment(faces: Path, fingers: Path, people: int, seed: int, as_json: bool) -> None:
    """Enrol people, then present each again under another name, birth date and passport: who is found?

    Everything goes through the public API, two desks at a time, into a fresh deployment in a temporary folder that
    is removed afterwards; the folder of the settings is not touched. Photos and prints stay where they are.
    """
    log.print("drawing the people, pressing synthetic prints")
    try:
        subjects = recruit(faces, fingers, people, seed)
    except TooFewPeopleError as error:
        fail(str(error))
    with TemporaryDirectory(prefix="lindung-evaluate-") as folder:
        settings = settings_in(Path(folder), cap_factor=1000)
        courses, seconds = run(lambda: _hold_trial(settings, subjects))
    document = _document(courses, seconds)
    if as_json:
        show_json(document)
    else:
        _show(document)


async def _hold_trial(settings: Settings, subjects: Sequence[Subject]) -> tuple[list[Course], float]:
    configure_logging("warning")  # of the services in this process: to standard error, and no line a request
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with connect(settings) as api:
        await register_clients(settings, ((name, Role.DESK_OFFICER, settings.member) for name in _DESKS))
        desks = [Identity(name, Purpose.WORKER_REGISTRATION) for name in _DESKS]
        with Progress(*columns, console=log) as progress:
            visits = progress.add_task("people at the desks, twice", total=2 * len(subjects))
            began = time.perf_counter()
            courses = await Trial(api, desks, subjects, lambda: progress.advance(visits)).run()
            return courses, time.perf_counter() - began


def _document(courses: Sequence[Course], seconds: float) -> dict[str, Any]:
    owner = {
        visit.registration: course.subject.number
        for course in courses
        for visit in (course.first, course.second)
        if visit and visit.registration
    }
    strata = [(stratum, [each for each in courses if each.subject.stratum is stratum]) for stratum in Stratum]
    taken = [visit.seconds for visit in _visits(courses) if visit.registration]
    return {
        "strata": [{"stratum": stratum.value, **_count(some, owner)} for stratum, some in strata if some],
        "all": _count(courses, owner),
        "seconds": round(seconds, 1),
        "enrolments": len(taken),
        "seconds_per_enrolment": {
            "throughput": round(seconds / max(len(taken), 1), 2),
            "median": round(statistics.median(taken), 2) if taken else None,
            "max": round(max(taken), 2) if taken else None,
        },
    }


def _count(courses: Sequence[Course], owner: dict[str, int]) -> dict[str, Any]:
    first = [each for each in courses if each.first.registration]
    second = [(each, each.second) for each in first if each.second and each.second.registration]
    found = sum(each.first.registration in again.named for each, again in second)
    wrong_first = sum(bool(_others(each, each.first, owner)) for each in first)
    wrong_second = sum(bool(_others(each, again, owner)) for each, again in second)
    refused = len(courses) - len(second)
    return {
        "people": len(courses),
        "found": _share(found, len(second)),
        "missed": _share(len(second) - found, len(second)),
        "falsely_flagged_first": _share(wrong_first, len(first)),
        "falsely_flagged_second": _share(wrong_second, len(second)),
        "failed_to_enrol": _share(refused, len(courses)) | {"reasons": _reasons(_visits(courses))},
    }


def _others(course: Course, visit: Presentation, owner: dict[str, int]) -> list[str]:
    """Registrations of other people that a visit's signal names."""
    return [each for each in visit.named if owner.get(each) != course.subject.number]


def _visits(courses: Iterable[Course]) -> list[Presentation]:
    return [visit for course in courses for visit in (course.first, course.second) if visit]


def _reasons(visits: Iterable[Presentation]) -> dict[str, int]:
    return dict(sorted(Counter(reason for visit in visits for reason in visit.refusals).items()))


def _share(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of)
    return {"n": count, "of": of, "ci95": [round(low, 4), round(high, 4)]}


def _show(document: dict[str, Any]) -> None:
    table = Table(title="Presented again under another identity: % (95 % Wilson interval)")
    headings = ("found", "missed", "falsely_flagged_first", "falsely_flagged_second", "failed_to_enrol")
    for heading in ("stratum", "people", *headings):
        table.add_column(heading.replace("_", " "))
    for row in [*document["strata"], {"stratum": "all", **document["all"]}]:
        table.add_row(row["stratum"], str(row["people"]), *(_cell(row[heading]) for heading in headings))
    console = Console()
    console.print(table)
    for reason, count in document["all"]["failed_to_enrol"]["reasons"].items():
        console.print(f"refused {count} times: {reason}")
    pace = document["seconds_per_enrolment"]
    console.print(
        f"{document['enrolments']} enrolments, two at a time, in {document['seconds']:.0f} s: "
        f"one every {pace['throughput']} s, each taking {pace['median']} s at the median, {pace['max']} s at most"
    )


def _cell(share: dict[str, Any]) -> str:
    low, high = share["ci95"]
    part = f"{100 * share['n'] / share['of']:.1f}" if share["of"] else "-"
    return f"{share['n']}/{share['of']} {part}\n({100 * low:.1f} to {100 * high:.1f})"
