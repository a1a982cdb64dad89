"""People who come to the desks of a benchmark: drawn once, captured anew each time."""

import itertools
import random
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from services.cli.enrol import encode
from services.sandbox.faces import CAST
from services.sandbox.issuing import PassportOffice
from services.sandbox.region import Impression, Shot
from services.sandbox.region.names import draw_name
from services.sandbox.region.passports import Identity, draw_number, write_passport
from services.sandbox.season.desk import chip_fields
from services.sandbox.studio import Studio
from shared.db.database import now

_POSITIONS: Final = ("right-index", "left-index")
_PNG_HEADER: Final = 33
"""Octets of a PNG's signature and its first chunk."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a passport that has a chip.

    Attributes:
        photo: JPEG file of a live photo.
        prints: PNG files by position.
    """

    identity: Identity
    photo: bytes
    prints: Mapping[str, bytes]
    chip: tuple[bytes, bytes, bytes]

    def body(self) -> dict[str, Any]:
        """What a desk sends: the zone and the chip, no photo of the page. No file is ever the same octets twice."""
        identity = self.identity
        mark = f"capture {next(_CAPTURES)}".encode()
        return {
            "name": identity.name.latin,
            "born": identity.birth.isoformat(),
            "sex": identity.sex,
            "nationality": identity.nationality,
            "document": {"mrz": write_passport(identity), **chip_fields(self.chip)},
            "placement": {"destination": "SGP", "sector": "construction", "start": f"{now():%Y-%m-%d}"},
            "photo": encode(_marked_jpeg(self.photo, mark)),
            "fingers": [
                {"position": position, "image": encode(_marked_png(data, mark))}
                for position, data in self.prints.items()
            ],
            "notice": {"version": "1", "language": "en"},
        }


_CAPTURES: Final = itertools.count()


def visitors(count: int, office: PassportOffice) -> list[Visitor]:
    """Draw people, as many as the cast has faces at most; their passports are the office's."""
    rng, studio = random.Random("visitors"), Studio()  # noqa: S311  invented people, no secret
    return [_visitor(number, rng, studio, office) for number in range(min(count, len(CAST)))]


def _visitor(number: int, rng: random.Random, studio: Studio, office: PassportOffice) -> Visitor:
    identity = Identity(
        name=draw_name("IDN", "M", rng),
        birth=date(1995, 1, 1) + timedelta(days=rng.randrange(2000)),
        sex="M",
        nationality="IDN",
        passport=draw_number("IDN", rng),
        expiry=now().date() + timedelta(days=1000),
    )
    prints = {
        position: studio.fingerprint(Impression(1000 + 2 * number + place, 1))
        for place, position in enumerate(_POSITIONS)
    }
    chip = office.chip(write_passport(identity), studio.photo(Shot(CAST[number], 0)))
    return Visitor(identity, studio.photo(Shot(CAST[number], 1)), prints, chip)


def _marked_jpeg(data: bytes, mark: bytes) -> bytes:
    """The same picture with a comment after its first marker."""
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(mark) + 2) + mark + data[2:]


def _marked_png(data: bytes, mark: bytes) -> bytes:
    """The same picture with a text after its header."""
    chunk = b"tEXt" + b"Comment\0" + mark
    framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:_PNG_HEADER] + framed + data[_PNG_HEADER:]
