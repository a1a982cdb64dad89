"""The command that measures registration: what is planted in a season, found, raised falsely, and given to people."""

import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.console import json_option, run, show_json
from services.cli.preparation import settings_in
from services.cli.proportions import wilson
from services.sandbox.season import LINKED, MARKED, PLANTS, Kind, Season, make_season
from shared.settings import Settings

_QUICK: Final = 400
_MODELS: Final = {"dlib": "dlib-resnet-v1", "faceplugin": "faceplugin-fr-1"}
_SAME: Final = "SAME_PERSON_OTHER_IDENTITY"

log = Console(stderr=True)


@click.command(epilog="Example: lindung evaluate registration --registrations 20000 --json")
@click.option("--registrations", type=click.IntRange(200, 200_000), default=20_000, show_default=True)
@click.option("--quick", is_flag=True, help=f"{_QUICK} registrations only, to see that it works.")
@click.option(
    "--alike",
    type=click.FloatRange(1, 1000),
    default=1.0,
    show_default=True,
    help="How many times as many strangers' faces reach any score as where the engine was calibrated.",
)
@click.option(
    "--engine",
    type=click.Choice(sorted(_MODELS)),
    default="faceplugin",
    show_default=True,
    help="Whose measured scores faces' are drawn from; it need not be installed.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
@json_option
def registration(registrations: int, quick: bool, alike: float, engine: str, seed: int, as_json: bool) -> None:
    """Register a season of invented workers: recall and false alarms by kind of case, and the work that is left.

    Every kind of case is planted at 0.1 to 1 % of registrations. Documents, chips, numbers, lists, ages, particulars,
    signals, cases and links are made and checked by the registry as ever. Comparisons of faces and fingers are drawn
    from what was measured of the engines; no image is compared.
    """
    document = _measure(_QUICK if quick else registrations, alike, _MODELS[engine], seed)
    if as_json:
        show_json(document)
    else:
        _show(document)


def _measure(registrations: int, alike: float, model: str, seed: int) -> dict[str, Any]:
    from services.biometrics.face import CALIBRATIONS  # engines' packages load only for those who need them
    from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
    from services.cli.drawn_biometrics import Worth
    from services.cli.season_trial import hold_season

    face = CALIBRATIONS[model]
    worth = Worth(face, LEADER_MCC16B_1, Settings().target_fpir, alike)
    log.print("drawing the season")
    season = make_season(registrations, seed)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with TemporaryDirectory(prefix="lindung-season-") as folder, Progress(*columns, console=log) as progress:
        desks = progress.add_task("registrations", total=len(season.arrivals))
        began, cpu = time.perf_counter(), time.process_time()
        trial = run(
            lambda: hold_season(settings_in(Path(folder)), season, worth, seed, lambda: progress.advance(desks))
        )
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    document = _document(season, trial)
    drawn = {
        "face": face.model_id,
        "finger": LEADER_MCC16B_1.model_id,
        "alike": alike,
        "target_fpir": worth.target_fpir,
    }
    return document | {"drawn": drawn, "seed": seed, "seconds": round(seconds), "cpu_s": round(cpu_s)}


def _document(season: Season, trial: Any) -> dict[str, Any]:
    outcomes = trial.outcomes
    return {
        "registrations": len(outcomes),
        "kinds": {kind.value: _recall(kind, outcomes, trial.number_of) for kind in Kind},
        "signals": _alarms(outcomes),
        "workload": _workload(outcomes),
        "heaping": _heaping(season, trial.heaps),
    }


def _recall(kind: Kind, outcomes: list[Any], number_of: dict[str, int]) -> dict[str, Any]:
    planted = [each for each in outcomes if each.arrival.kind is kind]
    found = [each for each in planted if _is_found(kind, each, number_of)]
    return {
        "says": PLANTS[kind].says,
        "planted": len(planted),
        "found": len(found),
        "recall": _share(len(found), len(planted)),
        "cases": sum(bool(each.grounds) for each in planted),
        "contradictions_told": sum("contradicted" in each.codes.get(_SAME, {}) for each in planted),
    }


def _is_found(kind: Kind, outcome: Any, number_of: dict[str, int]) -> bool:
    """Whether everything that the kind must raise is raised, and names whom it must."""
    if kind in LINKED:
        return outcome.arrival.of in outcome.linked and not outcome.grounds
    if kind in MARKED:
        return any("biometrics" in said or "AMPUTATED" in said for said in outcome.record.missing)
    if kind is Kind.LOOKALIKE:
        return not _called_same(outcome)
    codes = outcome.codes
    if not PLANTS[kind].raises <= codes.keys():
        return False
    named = {number_of[each] for code in PLANTS[kind].raises for each in codes[code].get("registrations", ())}
    return outcome.arrival.of is None or outcome.arrival.of in named


def _called_same(outcome: Any) -> bool:
    """Whether the same person is claimed without a word that fingers contradict."""
    evidence = outcome.codes.get(_SAME, {})
    return bool(set(evidence.get("registrations", ())) - set(evidence.get("contradicted", ())))


def _alarms(outcomes: list[Any]) -> dict[str, Any]:
    """Of each signal: how many registrations have it, and how many of them in whom nothing of the kind was planted."""
    raised: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for each in outcomes:
        plant = PLANTS[each.arrival.kind] if each.arrival.kind else None
        due = plant.raises | plant.besides if plant else frozenset[str]()
        raised.update(each.codes.keys())
        false.update(each.codes.keys() - due)
    others = len(outcomes)
    return {
        code: {"raised": raised[code], "false": false[code], "share": _share(false[code], others)}
        for code in sorted(raised)
    }


def _workload(outcomes: list[Any]) -> dict[str, Any]:
    """Cases a thousand registrations, by whose they are and what opened them; each is looked at by two."""
    cases = [each for each in outcomes if each.grounds]
    idle = [each for each in cases if each.arrival.kind is None]
    queues = Counter(each.audience for each in cases)
    codes = Counter(code for each in cases for code in {ground.partition(":")[0] for ground in each.grounds})
    labour = sum("BELOW_SECTOR_MINIMUM" in each.codes for each in outcomes)
    return {
        "cases_per_1000": _per_1000(len(cases), len(outcomes)),
        "by_queue": {queue: _per_1000(count, len(outcomes)) for queue, count in sorted(queues.items())},
        "by_ground": {code: _per_1000(count, len(outcomes)) for code, count in sorted(codes.items())},
        "nothing_planted": _per_1000(len(idle), len(outcomes)),
        "labour_office_per_1000": _per_1000(labour, len(outcomes)),
        "linked_per_1000": _per_1000(sum(bool(each.linked) for each in outcomes), len(outcomes)),
    }


def _heaping(season: Season, compared: list[Any]) -> dict[str, Any]:
    named = {each.agency for each in compared if each.named}
    agencies = {each.agency for each in compared}
    planted = season.heaping & agencies
    return {
        "agencies": len(agencies),
        "planted": len(planted),
        "found": len(named & planted),
        "recall": _share(len(named & planted), len(planted)),
        "false": len(named - planted),
        "false_share": _share(len(named - planted), len(agencies - planted)),
    }


def _per_1000(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of)
    return {"n": count, "per_1000": round(1000 * count / of, 2), "ci95": [round(1000 * low, 2), round(1000 * high, 2)]}


def _share(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of)
    return {
        "n": count,
        "of": of,
        "share": round(count / of, 5) if of else None,
        "ci95": [round(low, 5), round(high, 5)],
    }


def _show(document: dict[str, Any]) -> None:
    console = Console()
    table = Table(
        "planted", "of", "found", "95 % interval", "cases", title=f"{document['registrations']:,} registrations"
    )
    for kind, row in document["kinds"].items():
        low, high = row["recall"]["ci95"]
        table.add_row(
            kind, f"{row['planted']}", f"{row['found']}", f"{100 * low:.1f} to {100 * high:.1f} %", f"{row['cases']}"
        )
    console.print(table)
    table = Table("signal", "raised", "false", "of registrations, 95 %")
    for code, row in document["signals"].items():
        low, high = row["share"]["ci95"]
        table.add_row(code, f"{row['raised']}", f"{row['false']}", f"{100 * low:.3f} to {100 * high:.3f} %")
    console.print(table)
    work = document["workload"]
    console.print(f"cases per 1,000 registrations: {work['cases_per_1000']['per_1000']}")
    for name in ("by_queue", "by_ground"):
        console.print("  " + ", ".join(f"{key} {each['per_1000']}" for key, each in work[name].items()))
    console.print(f"  of registrations with nothing planted: {work['nothing_planted']['per_1000']}")
    heaping = document["heaping"]
    console.print(
        f"heaping: {heaping['found']} of {heaping['planted']} agencies found, {heaping['false']} of "
        f"{heaping['agencies'] - heaping['planted']} named falsely; {document['seconds']} s"
    )
