"""`lindung evaluate hostile`: malformed, truncated and hostile images and templates at the public door, counted."""

import base64
import io
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
import wsq  # noqa: F401  registers Pillow's writer
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.biometrics.evaluation.hostile import Hostile, Sample, hostile
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.fingerprint.records import record_from_minutiae
from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.console import FOUND, json_option, run, show_json
from services.cli.preparation import settings_in
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.caller import Purpose
from shared.contracts.osia import BiometricSubType
from shared.http.observation import configure_logging
from shared.settings import Settings
from shared.standards.iso19794_2 import RecordFormat

_PHOTO_KINDS: Final = {"png": "PNG", "jpeg": "JPEG", "jp2": "JPEG2000", "webp": "WEBP", "bmp": "BMP"}
_PRINT_KINDS: Final = {"wsq": "WSQ", "png": "PNG", "jp2": "JPEG2000", "tiff": "TIFF", "jpeg": "JPEG", "bmp": "BMP"}
_WORST: Final = 10

log = Console(stderr=True)


@dataclass(frozen=True)
class Outcome:
    """What came of one attack.

    Attributes:
        kind: of the attack.
        door: which operation it was sent to.
        status: of the answer; 0 where there was none.
        reason: the first words of a refusal.
        seconds: until the answer.
    """

    kind: str
    door: str
    status: int
    reason: str
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether it was refused clearly, or was still an image that can be used."""
        return self.status == 200 or (400 <= self.status < 500 and bool(self.reason))


@click.command(name="hostile", epilog="Example: lindung evaluate hostile --count 10000 --json")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of what is altered.")
@json_option
def hostile_command(count: int, seed: int, as_json: bool) -> None:
    """Send malformed, truncated and hostile images and templates to the public door; none may break anything.

    The files are made from synthetic faces and prints. A fresh deployment runs in this process, in a temporary folder;
    operations take turns: quality, enrolment, verification. Ends with 1 when an answer was neither a clear refusal
    (4xx, or `usable: false` with a reason) nor that of an image that is still good.
    """
    samples = good_samples()
    with TemporaryDirectory(prefix="lindung-hostile-") as folder:
        settings = settings_in(Path(folder), cap_factor=1000)
        document = run(lambda: _attack(settings, samples, count, seed))
    if as_json:
        show_json(document)
    else:
        _show(document)
    if document["bad"]:
        raise SystemExit(FOUND)


def good_samples() -> list[Sample]:
    """One face and one print, in every format that is taken."""
    face = Image.fromarray(portray(CAST[0], 0)).resize((160, 200))
    pixels = impress(grow_finger(7), 0, difficulty=0.1)[130:258, 90:218]
    template = LeaderMccEngine().extract(impress(grow_finger(7), 0, difficulty=0.1), 500)
    photos = [Sample(f"{name} photo", _encoded(face, kind), is_face=True) for name, kind in _PHOTO_KINDS.items()]
    prints = [Sample(name, _encoded(Image.fromarray(pixels), kind)) for name, kind in _PRINT_KINDS.items()]
    position = BiometricSubType.RIGHT_INDEX
    records = [
        Sample(form.value, record_from_minutiae(template.minutiae, position, form), template_format=form.value)
        for form in RecordFormat
    ]
    return [*photos, *prints, *records]


def _encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


async def _attack(settings: Settings, samples: Sequence[Sample], count: int, seed: int) -> dict[str, Any]:
    configure_logging("error")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with connect(settings) as api:
        for sample in samples:  # the engines and decoders are loaded, and the good ones are good
            await _send(api, Hostile("good", sample), "enrolment")
        before = _peak_mb()
        with Progress(*columns, console=log, refresh_per_second=2) as progress:
            task = progress.add_task("attacks", total=count)
            began = time.perf_counter()
            outcomes = await _send_all(api, hostile(samples, count, seed), lambda: progress.advance(task))
        seconds = time.perf_counter() - began
        good = [await _send(api, Hostile("good", sample), "enrolment") for sample in samples]
    return _document(outcomes, good, seconds) | {"rss_mb": {"before": before, "peak": _peak_mb()}}


async def _send_all(api: Api, attacks: Any, came: Callable[[], None]) -> list[Outcome]:
    outcomes = []
    for turn, attack in enumerate(attacks):
        door = ("quality", "enrolment", "verification")[turn % 3]
        outcomes.append(
            await _send(api, attack, "enrolment" if attack.sample.template_format and door == "quality" else door)
        )
        came()
    return outcomes


async def _send(api: Api, attack: Hostile, door: str) -> Outcome:
    path, body = _request(attack.sample, door)
    who = Identity("member-system", Purpose.WORKER_REGISTRATION)
    began = time.perf_counter()
    try:
        answer = await api.ask(who, "POST", f"{path}?transactionId=hostile", json=body)
    except RefusedError as error:
        status, reason = error.status, _reason(str(error.problem.get("detail") or error))
    else:
        told = answer.json()
        refused = told.get("usable") is False
        status, reason = (422, str(told["reason"])) if refused else (answer.status_code, "")
    return Outcome(attack.kind, door, status, reason, time.perf_counter() - began)


def _request(sample: Sample, door: str) -> tuple[str, dict[str, Any]]:
    encoded = base64.b64encode(sample.data).decode()
    named = ("FACE", "PORTRAIT") if sample.is_face else ("FINGER", "RIGHT_INDEX")
    item = {"biometricType": named[0], "biometricSubType": named[1]}
    form = sample.template_format
    item |= {"template": encoded, "templateFormat": form} if form else {"image": encoded}
    if door == "quality":
        return "/v1/quality", item
    if door == "verification":
        return "/v1/verify", {"biometricData1": [item], "biometricData2": [item]}
    encounter = {"status": "ACTIVE", "encounterType": "hostile", "galleries": ["hostile"], "biometricData": [item]}
    return "/v1/persons", encounter


def _reason(message: str) -> str:
    """The code of a refusal such as `biometricData/0: DAMAGED: …`."""
    parts = [part.strip() for part in message.split(":")]
    return next((part for part in parts if part.isupper()), message[:60])


def _document(outcomes: Sequence[Outcome], good: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in outcomes:
        kinds[each.kind][each.reason or ("taken" if each.status == 200 else f"status {each.status}")] += 1
    bad = [each for each in outcomes if not each.is_good]
    slowest = sorted(outcomes, key=lambda each: -each.seconds)[:_WORST]
    return {
        "count": len(outcomes),
        "refused": sum(each.status != 200 and each.is_good for each in outcomes),
        "taken": sum(each.status == 200 for each in outcomes),
        "bad": [{"kind": each.kind, "door": each.door, "status": each.status} for each in bad],
        "good_after": sum(each.status == 200 for each in good),
        "statuses": dict(sorted(Counter(str(each.status) for each in outcomes).items())),
        "reasons": dict(Counter(each.reason for each in outcomes if each.reason).most_common()),
        "by_kind": {kind: dict(counts.most_common()) for kind, counts in sorted(kinds.items())},
        "slowest": [{"kind": each.kind, "door": each.door, "seconds": round(each.seconds, 3)} for each in slowest],
        "seconds": round(seconds, 1),
    }


def _peak_mb() -> int:
    """Most memory that this process ever had resident, MiB; Linux counts in KiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _show(document: dict[str, Any]) -> None:
    table = Table("figure", "value")
    for name in ("count", "refused", "taken", "statuses", "reasons", "rss_mb", "seconds"):
        table.add_row(name, str(document[name]))
    for each in document["slowest"]:
        table.add_row("slowest", f"{each['seconds']} s: {each['kind']} ({each['door']})")
    for each in document["bad"]:
        table.add_row("[red]bad[/red]", f"{each['status']}: {each['kind']} ({each['door']})")
    Console().print(table)
