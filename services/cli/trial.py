"""An enrolment trial: real input through the public API, presented a second time under another identity."""

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import anyio
from PIL import Image

from services.cli.connection import Api, Identity, RefusedError
from services.cli.enrol import encode, register
from services.sandbox.fingers import Finger, grow_finger, impress
from services.sandbox.region.names import draw_name
from services.sandbox.region.passports import Identity as Bearer
from services.sandbox.region.passports import draw_number, write_passport
from shared.contracts.registrations import SignalCode

NATIONALITY: Final = "IDN"
_PHOTOS: Final = frozenset({".jpg", ".jpeg", ".png"})
_PRINT: Final = re.compile(r"(?P<finger>\d+)_(?P<impression>\d+)\.(?:png|tif|tiff|bmp|wsq)$", re.IGNORECASE)
_DPI: Final = {"DB2_A": 569, "DB2_B": 569}
"""Resolution by folder, where it is not 500: FVC2002's optical sensor of DB2 (its files do not say)."""


class TooFewPeopleError(ValueError):
    """The folder has fewer people with two photos than were asked for."""


class Stratum(StrEnum):
    """What of a person is real."""

    REAL_PRINT = "real face + real print"
    SYNTHETIC_PRINT = "real face + synthetic print"
    FACE_ONLY = "face only"


@dataclass(frozen=True)
class Prints:
    """Two impressions of one finger, as image files."""

    impressions: tuple[bytes, bytes]
    dpi: int


@dataclass(frozen=True)
class Subject:
    """A person of the trial: two photos, and two impressions of a finger that need not be their own."""

    number: int
    stratum: Stratum
    photos: tuple[Path, Path]
    prints: Prints | None


@dataclass(frozen=True)
class Presentation:
    """What became of one visit to the desk.

    Attributes:
        registration: its id; None when it was refused.
        named: registrations that the signal SAME_PERSON_OTHER_IDENTITY names.
        refusals: what could not be used and why, such as `photo: SEVERAL_FACES`.
        seconds: from sending it to the checks' end.
    """

    registration: str | None
    named: frozenset[str] = frozenset()
    refusals: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Course:
    """One subject's two visits; the second is not made when the first was refused."""

    subject: Subject
    first: Presentation
    second: Presentation | None


def recruit(faces: Path, fingers: Path, people: int, seed: int) -> list[Subject]:
    """Draw the people of the trial, in the order in which they come to the desk.

    Args:
        faces: DIR/person/photo.jpg; whoever has fewer than two photos is passed over.
        fingers: DIR/DBx/FFF_I.png; impressions 1 and 2 of each finger, one finger to a person.
        people: how many with a print; a quarter as many more come with their face only.
        seed: of the draw.

    Raises:
        TooFewPeopleError: there are not so many.
    """
    rng = random.Random(seed)  # noqa: S311  a draw that can be repeated
    albums = sorted(_albums(faces))
    wanted = people + people // 4
    if len(albums) < wanted:
        raise TooFewPeopleError(f"{len(albums)} people have two photos; {wanted} are needed")
    drawn, real = rng.sample(albums, wanted), sorted(_pairs(fingers))
    rng.shuffle(real)
    subjects = [_subject(number, album, people, real) for number, album in enumerate(drawn)]
    rng.shuffle(subjects)  # every stratum meets a small gallery and a large one
    return subjects


def _subject(number: int, album: tuple[Path, Path], people: int, real: Sequence[tuple[Path, Path]]) -> Subject:
    if number >= people:
        return Subject(number, Stratum.FACE_ONLY, album, None)
    if number < len(real):
        one, other = real[number]
        prints = Prints((one.read_bytes(), other.read_bytes()), _DPI.get(one.parent.name, 500))
        return Subject(number, Stratum.REAL_PRINT, album, prints)
    finger = grow_finger(number)
    return Subject(number, Stratum.SYNTHETIC_PRINT, album, Prints((_png(finger, 0), _png(finger, 1)), 500))


def _png(finger: Finger, impression: int) -> bytes:
    buffer = BytesIO()
    Image.fromarray(impress(finger, impression)).save(buffer, "PNG")
    return buffer.getvalue()


def _albums(folder: Path) -> Iterator[tuple[Path, Path]]:
    for person in folder.iterdir():
        if person.is_dir():
            photos = sorted(path for path in person.iterdir() if path.suffix.lower() in _PHOTOS)
            if len(photos) > 1:
                yield photos[0], photos[1]


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    fingers: defaultdict[tuple[str, str], dict[int, Path]] = defaultdict(dict)
    for path in folder.glob("*/*"):
        if name := _PRINT.fullmatch(path.name):
            fingers[path.parent.name, name["finger"]][int(name["impression"])] = path
    return ((found[1], found[2]) for found in fingers.values() if {1, 2} <= set(found))


class Trial:
    """Brings every subject to the desks twice.

    Args:
        api: the public API of a deployment that holds nobody else.
        desks: local clients, one a desk; as many visits go on at the same time.
        subjects: in their order.
        came: called after each visit.
    """

    def __init__(
        self, api: Api, desks: Sequence[Identity], subjects: Sequence[Subject], came: Callable[[], None]
    ) -> None:
        self._api = api
        self._desks = desks
        self._subjects = subjects
        self._came = came

    async def run(self) -> list[Course]:
        """All first visits, then all second ones under another name, birth date and passport."""
        first = await self._visits(self._subjects, 0)
        back = [subject for subject in self._subjects if first[subject.number].registration]
        second = await self._visits(back, 1)
        return [Course(each, first[each.number], second.get(each.number)) for each in self._subjects]

    async def _visits(self, subjects: Sequence[Subject], visit: int) -> dict[int, Presentation]:
        came: dict[int, Presentation] = {}
        queue = iter(subjects)

        async def serve(desk: Identity) -> None:
            for subject in queue:
                came[subject.number] = await self._present(desk, subject, visit)
                self._came()

        async with anyio.create_task_group() as group:
            for desk in self._desks:
                group.start_soon(serve, desk)
        return came

    async def _present(self, desk: Identity, subject: Subject, visit: int) -> Presentation:
        body = enrolment_body(subject, visit, len(self._subjects))
        began = time.perf_counter()
        try:
            answer = await register(self._api, desk, body, f"{subject.number}-{visit}")
        except RefusedError as error:
            if error.status != 422:
                raise
            return Presentation(None, refusals=_refusals(error))
        named = {
            registration
            for signal in answer["signals"]
            if signal["code"] == SignalCode.SAME_PERSON_OTHER_IDENTITY
            for registration in signal["evidence"]["registrations"]
        }
        return Presentation(answer["registration"], frozenset(named), seconds=time.perf_counter() - began)


def enrolment_body(subject: Subject, visit: int, people: int) -> dict[str, Any]:
    """One visit as the API takes it: that visit's photo and print, under an invented identity that is nobody else's.

    Args:
        subject: who comes.
        visit: 0 or 1.
        people: how many there are; keeps all birth dates apart, all of them adults'.
    """
    rng = random.Random(f"{subject.number}/{visit}")  # noqa: S311  identities that can be made again
    sex = rng.choice("FM")
    name, birth = draw_name(NATIONALITY, sex, rng), date(1970, 1, 1) + timedelta(days=subject.number + visit * people)
    bearer = Bearer(name, birth, sex, NATIONALITY, draw_number(NATIONALITY, rng), date(2034, 12, 31))
    fingers = []
    if subject.prints:
        image = encode(subject.prints.impressions[visit])
        fingers = [{"position": "right-index", "image": image, "dpi": subject.prints.dpi}]
    return {
        "name": name.latin,
        "born": birth.isoformat(),
        "sex": sex,
        "nationality": NATIONALITY,
        "document": {"mrz": write_passport(bearer)},
        "photo": encode(subject.photos[visit].read_bytes()),
        "fingers": fingers,
    }


def _refusals(error: RefusedError) -> tuple[str, ...]:
    """Which capture and why; anything else that was refused is a fault of the trial.

    Raises:
        RefusedError: no capture was refused.
    """
    errors = error.problem.get("errors") or ()
    captures = [item for item in errors if item["pointer"].startswith(("/body/photo", "/body/fingers"))]
    if not captures:
        raise error
    return tuple(f"{item['pointer'].split('/')[2].rstrip('s')}: {item['detail'].split(':')[0]}" for item in captures)
