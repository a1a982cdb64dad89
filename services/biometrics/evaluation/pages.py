"""What a report says of each kind of measurement: which figures, which charts, and what they do not show."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.biometrics.evaluation.charts import det_chart, histogram_chart
from services.biometrics.evaluation.curves import MIN_FALSE_MATCHES
from services.biometrics.evaluation.face import FaceFigures
from services.biometrics.evaluation.fingerprint import FIGURES, FingerFigures
from services.biometrics.evaluation.person import CAPTURES, FULL, PersonFigures
from services.biometrics.evaluation.report import Card, Grid, Picture, Report

Facts = Sequence[tuple[str, str]]

NOTHING: Final = "–"
_INTERVALS: Final = (
    "Intervals are 95 %, from 200 bootstrap replicates that draw people, not pairs: pairs share people. Where nobody "
    "was missed the bound is the binomial one for the people, or fingers, that there were."
)
_FEW: Final = (
    f"A dash means that the folder is too small to tell: a false match rate is reported from {MIN_FALSE_MATCHES} "
    "false matches up, a false positive identification rate from one search up."
)
_ERRORS: Final = (
    "FMR: the share of comparisons of different people that match. FNMR: the share of comparisons of one person that "
    "do not. FPIR: the share of searches of people who are not enrolled that give a candidate. FNIR: the share of "
    "searches of enrolled people that do not give them. EER: where FMR and FNMR are equal. A false match flags a "
    "worker who did nothing; a false non-match lets a second identity pass."
)
_OWN_PEOPLE: Final = (
    "The figures hold for people, cameras and scanners like those of this folder. Measure again on the people who are "
    "enrolled, and look at the groups among them: a mean hides who bears the errors."
)
_ONE_TO_MANY: Final = (
    "One to many: each person's first photo is enrolled, every other one is searched, once with its person enrolled "
    "and once without. A larger gallery gives more false positives at the same threshold."
)
_FVC: Final = (
    "FMR100, FMR1000 and ZeroFMR: the lowest FNMR at an FMR of at most 1 %, 0.1 % and 0, as FVC defines them, whatever "
    "the number of impostors. With fewer than 1,000 impostors FMR1000 is ZeroFMR."
)
_THRESHOLDS: Final = (
    "A score of s is reached by one stranger in 10^s who is compared on the same things. The first table has the "
    "scores at which the FPIR was seen in this gallery."
)
_TARGETS: Final = (
    "The second table has what the product's default threshold, log10(persons / target FPIR), gives. Strangers are all "
    "chimeras that the folder can make; where the gallery is larger than their number, the FPIR is a lower bound."
)
_EXHAUSTIVE: Final = (
    "Every item is compared with every other. Whom a search's short list would lose is not counted here."
)
_FPIR: Final = ("0.01", "0.001")


def face_report(figures: FaceFigures, facts: Facts) -> Report:
    """Faces."""
    of, ci = figures.document, figures.document["ci"]
    curves = [("one to one", figures.one_to_one.det())]
    if figures.one_to_many:
        curves.append((f"one to many, {of['gallery']:,} enrolled", figures.one_to_many.det()))
    one = [
        (
            f"FMR {100 * float(rate):g} %",
            share(value),
            bounds(ci.get(f"tar.{rate}")),
            _plain(of["thresholds"].get(rate)),
        )
        for rate, value in of["tar"].items()
    ]
    many = [
        (f"FPIR {100 * float(rate):g} %", share(value), bounds(ci.get(f"tpir_at_fpir.{rate}")))
        for rate, value in of["tpir_at_fpir"].items()
    ]
    grids = [
        Grid("One to one", ("at", "true accept rate", "95 % interval", "threshold"), one),
        Grid(
            "One to many",
            ("at", "true positive identification", "95 % interval"),
            [*many, ("first rank, any score", share(of["rank1"]), bounds(ci.get("rank1")))],
        ),
    ]
    if "by_group" in of:
        grids.append(_groups(of["by_group"]))
    return Report(
        title="Faces: how often the engine errs",
        summary=f"{of['n_people']:,} people, {of['n_photos']:,} photos, every pair compared: "
        f"{of['n_genuine']:,} of one person, {of['n_impostor']:,} of different people.",
        facts=facts,
        cards=(
            Card("Equal error rate", share(of["eer"]), bounds(ci.get("eer"))),
            Card("True accepts at FMR 0.01 %", share(of["tar"]["1e-4"]), bounds(ci.get("tar.1e-4"))),
            Card("Mate at first rank", share(of["rank1"]), bounds(ci.get("rank1"))),
            Card("Failure to extract", share(of["fte"]), _reasons(of["fte_reasons"])),
        ),
        pictures=(
            _det(curves),
            Picture(
                "How scores are spread",
                histogram_chart(figures.histogram, "similarity (cosine)"),
                "Each as a share of its own comparisons. Errors are made where the two overlap.",
            ),
        ),
        grids=grids,
        means=(_ERRORS, _INTERVALS, _FEW),
        limits=(
            _ONE_TO_MANY,
            "Photos in which no single face was found are left out of the comparisons; see failure to extract.",
            _OWN_PEOPLE,
        ),
    )


def finger_report(figures: FingerFigures, engine: str, facts: Facts, peers: Mapping[str, Any]) -> Report:
    """Fingerprints."""
    of, mean = figures.document, figures.document["mean"]
    every, ci = mean["all_impostors"], of["ci"]
    columns = ("database", "EER", "FMR100", "FMR1000", "ZeroFMR", "genuine", "impostor")
    everybody = [_finger_row("mean", every), *_finger_rows(of, "all_impostors")]
    others = [
        (
            *_finger_row(name, peer["mean"]["all_impostors"]),
            _plain(peer["cpu_ms_extract"]),
            f"{peer['comparisons_per_s']:,}",
        )
        for name, peer in ((engine, of), *peers.items())
    ]
    grids = [
        Grid(
            f"By database, protocol {of['protocol']}",
            columns,
            [_finger_row("mean", mean | {"ci": ci}), *_finger_rows(of)],
        ),
        Grid("By database, all impostors", columns, everybody),
    ]
    if peers:
        title = "Beside others, mean of the databases, all impostors"
        grids.append(Grid(title, (*columns, "CPU ms a print", "comparisons a second"), others))
    return Report(
        title="Fingerprints: how often the engine errs",
        summary=f"{len(of['databases'])} databases, {every['n_genuine']:,} comparisons of one finger, "
        f"{every['n_impostor']:,} of different fingers.",
        facts=facts,
        cards=(
            Card("Equal error rate, mean", share(mean["eer"]), bounds(ci["eer"])),
            Card("FMR1000, all impostors, mean", share(every["fmr1000"]), bounds(ci["all_impostors"]["fmr1000"])),
            Card("CPU time a print", f"{_plain(of['cpu_ms_extract'])} ms", "median"),
            Card("Failure to extract", share(of["fte"]), _reasons(of["fte_reasons"])),
        ),
        pictures=(
            _det([(name, curves.det()) for name, curves in figures.curves.items()], "FMR, all impostors", "FNMR"),
            Picture(
                "How scores are spread, all databases",
                histogram_chart(figures.histogram, "score"),
                "Each as a share of its own comparisons. Errors are made where the two overlap.",
            ),
        ),
        grids=grids,
        means=(
            _FVC,
            _ERRORS,
            _INTERVALS,
        ),
        limits=(
            "A database with ten fingers says little of the next ten: read the intervals, which draw fingers.",
            "Prints that give no template are left out of the comparisons; FVC counts them as false non-matches.",
            _OWN_PEOPLE,
        ),
    )


def person_report(figures: PersonFigures, facts: Facts) -> Report:
    """Persons."""
    of = figures.document
    rows = [
        (
            name,
            *(f"{share(row['fnir_at_fpir'][rate])}\n{bounds(row['ci'].get(f'fnir_at_fpir.{rate}'))}" for rate in _FPIR),
            *(_plain(row["threshold_at_fpir"][rate]) for rate in _FPIR),
            share(row["rank1"]),
        )
        for name, row in ((name, of["by_capture"][name]) for name in CAPTURES)
    ]
    columns = ("captured", "FNIR at FPIR 1 %", "FNIR at FPIR 0.1 %", "score for 1 %", "score for 0.1 %", "first rank")
    targets = [
        (name, f"{float(target):.1%}", f"{int(size):,}", f"{at['threshold']:.2f}", *_rates(at))
        for name, part in of["at_target"].items()
        for target, sizes in part["targets"].items()
        for size, at in sizes.items()
    ]
    asked = ("captured", "target FPIR", "gallery", "from a score of", "FPIR", "FNIR")
    return Report(
        title="Persons: how often somebody is missed",
        summary=f"{of['n_searches']:,} searches of chimeric people, a face and two fingers each, "
        f"in a gallery of {of['gallery']:,}.",
        facts=facts,
        cards=(
            Card("FNIR at FPIR 0.1 %", share(of["fnir_at_fpir"]["0.001"]), bounds(of["ci"].get("fnir_at_fpir.0.001"))),
            Card("FNIR at FPIR 1 %", share(of["fnir_at_fpir"]["0.01"]), bounds(of["ci"].get("fnir_at_fpir.0.01"))),
            Card("Mate at first rank", share(of["rank1"]), bounds(of["ci"].get("rank1"))),
        ),
        pictures=(
            _det([(name, curves.det()) for name, curves in figures.curves.items()], "FPIR", "FNIR"),
            Picture(
                f"How evidence is spread, {FULL}",
                histogram_chart(figures.histogram, "bans"),
                "Each as a share of its own comparisons. 0 bans: it speaks neither for nor against one body.",
            ),
        ),
        grids=[
            Grid("By what was captured", columns, rows),
            Grid("At the default threshold of a target FPIR", asked, targets),
        ],
        means=(
            _THRESHOLDS,
            _TARGETS,
            _ERRORS,
            _INTERVALS,
        ),
        limits=(_chimeric(of), _crowd(of), _EXHAUSTIVE, _OWN_PEOPLE),
    )


def _rates(at: Mapping[str, Any]) -> tuple[str, str]:
    return f"{share(at['fpir'])}\n{bounds(at['ci']['fpir'])}", f"{share(at['fnir'])}\n{bounds(at['ci']['fnir'])}"


def _chimeric(of: Mapping[str, Any]) -> str:
    return (
        f"The people are chimeric: {of['n_people']} people's faces borrow two of {of['n_fingers']} fingers, anew for "
        "each search. Real faces and fingers may fail together."
    )


def _crowd(of: Mapping[str, Any]) -> str:
    return (
        f"The {of['distractors']:,} distractors are made of comparisons that were really made: the face of another of "
        "these people with prints of two other fingers. They repeat faces and fingers: a real gallery of that size "
        "has rarer look-alikes than this folder can show."
    )


def _det(
    curves: Sequence[tuple[str, Sequence[tuple[float, float]]]], across: str = "FMR or FPIR", up: str = ""
) -> Picture:
    """Nearer to the lower left corner is better."""
    drawn = det_chart(curves, across, up or across.replace("MR", "NMR").replace("PIR", "NIR"))
    caption = "Nearer to the lower left corner is better. On the dashed line both errors are equal."
    missing = [name for name, points in curves if not any(errors > 0 for _, errors in points)]
    if missing:
        caption += f" Without an error at any rate drawn, on the lower edge: {', '.join(missing)}."
    return Picture("Detection error trade-off", drawn, caption)


def _groups(groups: Mapping[str, Mapping[str, Any]]) -> Grid:
    rows = [
        (name, str(row["n_people"]), f"{row['n_impostor']:,}", share(row["fmr"]), share(row["tar"]), share(row["eer"]))
        for name, row in groups.items()
    ]
    rate = next((str(row["at_fmr_of_all"]) for row in groups.values()), "")
    title = f"Within groups, at the threshold for FMR {rate} of all"
    return Grid(title, ("group", "people", "impostor pairs", "FMR", "true accepts", "EER"), rows)


def _finger_rows(document: Mapping[str, Any], part: str = "") -> list[tuple[str, ...]]:
    return [_finger_row(name, row[part] if part else row) for name, row in document["databases"].items()]


def _finger_row(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    ci = row.get("ci", {})
    rates = (f"{share(row[figure])}\n{bounds(ci.get(figure))}".rstrip() for figure in FIGURES)
    return (name, *rates, f"{row['n_genuine']:,}", f"{row['n_impostor']:,}")


def share(value: float | None) -> str:
    """A rate as per cent."""
    return NOTHING if value is None else _percent(value)


def bounds(interval: Sequence[float] | None) -> str:
    """An interval as per cent."""
    return f"{_percent(interval[0])[:-2]} to {_percent(interval[1])}" if interval else ""


def _percent(value: float) -> str:
    number = 100 * value
    if number == 0 or abs(number) >= 0.1:
        return f"{number:.2f} %"
    return f"{float(f'{number:.2g}'):.6f}".rstrip("0") + " %"


def _plain(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in reasons.items())
