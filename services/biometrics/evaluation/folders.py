"""What lies in a folder: photos by person, prints by database and finger; and which half of them was learned from."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

_PHOTOS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".jp2"})
_PRINT: Final = re.compile(r"(?P<finger>\d+)_(?P<impression>\d+)\.(?:png|tiff?|bmp|wsq|jp2)", re.IGNORECASE)
_DPI_2002: Final = {"DB2": 569}
_DPI_2004: Final = {"DB3": 512}


class EmptyFolderError(ValueError):
    """The folder holds nothing that can be measured in this way."""


class Half(StrEnum):
    """Which people are measured. Evidence was calibrated on the first half: only the other says what it is worth."""

    CALIBRATION = "calibration"
    HELD_OUT = "held-out"
    ALL = "all"

    def keeps(self, calibrated_on: bool) -> bool:
        """Whether one who was, or was not, calibrated on is in this half."""
        return self is Half.ALL or calibrated_on is (self is Half.CALIBRATION)


@dataclass(frozen=True)
class Photo:
    """A photo and whose it is."""

    person: str
    path: Path


@dataclass(frozen=True)
class Print:
    """An impression of a finger."""

    database: str
    finger: int
    impression: int
    path: Path
    dpi: int


def find_photos(folder: Path, half: Half = Half.ALL) -> list[Photo]:
    """DIR/person/photo.jpg, by name; the calibration half has an even first byte of the SHA-256 of the person's name.

    Raises:
        EmptyFolderError: nobody is there.
    """
    photos = [
        Photo(person.name, path)
        for person in sorted(folder.iterdir())
        if person.is_dir() and half.keeps(_even(person.name))
        for path in sorted(person.iterdir())
        if path.suffix.lower() in _PHOTOS
    ]
    if not photos:
        raise EmptyFolderError("no DIR/person/photo.jpg is there")
    return photos


def find_prints(folder: Path, half: Half = Half.ALL, dpi: Mapping[str, int] | None = None) -> list[Print]:
    """DIR/DBx/FFF_I.png, or DIR/FFF_I.png as one database; the calibration half is each database's first half.

    Args:
        folder: in the naming of FVC.
        half: of each database's fingers, by number: 101 to 105 of 101 to 110.
        dpi: of databases by the folder's name or its first part (DB2 for DB2_B); default: 569 for DB2 of FVC2002,
            512 for DB3 of FVC2004, else 500. The year is read off the path, 2002 when it names none.

    Raises:
        EmptyFolderError: no print is there.
    """
    databases = {path.name: path for path in sorted(folder.iterdir()) if path.is_dir()}
    found = [each for name, path in databases.items() for each in _prints_in(path, name, half, dpi or {})]
    found = found or _prints_in(folder, folder.name, half, dpi or {})
    if not found:
        raise EmptyFolderError("no DIR/DBx/FFF_I.png and no DIR/FFF_I.png is there")
    return found


def _prints_in(folder: Path, database: str, half: Half, dpi: Mapping[str, int]) -> list[Print]:
    named = [(path, name) for path in sorted(folder.iterdir()) if (name := _PRINT.fullmatch(path.name))]
    known = sorted({int(name["finger"]) for _, name in named})
    kept = _half_of(known, half)
    resolution = _resolution(folder, database, dpi)
    return [
        Print(database, int(name["finger"]), int(name["impression"]), path, resolution)
        for path, name in named
        if int(name["finger"]) in kept
    ]


def _half_of(fingers: Iterable[int], half: Half) -> set[int]:
    known = list(fingers)
    return {finger for place, finger in enumerate(known) if half.keeps(2 * place < len(known))}


def _resolution(folder: Path, database: str, dpi: Mapping[str, int]) -> int:
    short = database.split("_", maxsplit=1)[0].upper()
    known = _DPI_2004 if any("2004" in part for part in folder.resolve().parts) else _DPI_2002
    return dpi.get(database) or dpi.get(short) or known.get(short, 500)


def _even(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0
