"""ISO/IEC 19794-2:2011: each print with its own capture date, size, resolution and qualities.

Source: ISO/IEC 19794-2:2011, clause 8 (record format), general and representation headers after ISO/IEC 19794-1:2011.
Written from memory of the tables and checked, field by field, against two public implementations (FingerprintIO, and
a decoder of this edition in C).
"""

import struct
from datetime import UTC, datetime

from shared.standards.iso19794_2.parts import (
    MAGIC,
    Rules,
    check_count,
    check_view,
    read_extensions,
    read_minutiae,
    require,
    write_extensions,
    write_minutiae,
)
from shared.standards.iso19794_2.record import FingerView, MinutiaeRecord, MinutiaeRecordError
from shared.standards.octets import Octets

_VERSION = b"030\x00"
_RULES = Rules(angle_units=256, zero_is_unreported=False)
_DATE = struct.Struct(">HBBBBBH")  # UTC: year, month, day, hour, minute, second, millisecond
_NO_DATE = b"\xff" * _DATE.size
_PRINT = struct.Struct(">BBHHBHHBB")
"""Position, view, pixels per cm across and down, impression, width, height, minutia length and ending type, count."""


def read(data: bytes) -> MinutiaeRecord:
    """A record of ISO/IEC 19794-2:2011 (the record format, not the card formats)."""
    octets = Octets(data, MinutiaeRecordError)
    octets.expect(MAGIC + _VERSION, "format or version")
    require(octets.number(4, "header") == len(data), "the stated length is another")
    count = check_count(octets.number(2, "header"))
    certified = octets.number(1, "header")
    require(certified <= 1, "the certification flag is neither 0 nor 1")
    views = tuple(_read_representation(octets, certified=certified == 1) for _ in range(count))
    octets.finish("last representation")
    return MinutiaeRecord(views)


def write(record: MinutiaeRecord) -> bytes:
    """A record of ISO/IEC 19794-2:2011, without certification blocks."""
    count = check_count(len(record.views))
    rest = count.to_bytes(2, "big") + b"\x00" + b"".join(map(_representation, record.views))
    return MAGIC + _VERSION + (12 + len(rest)).to_bytes(4, "big") + rest


def _read_representation(record: Octets, *, certified: bool) -> FingerView:
    length = record.number(4, "representation header")
    require(length >= 4, "a representation is shorter than its header")
    octets = record.part(length - 4, "representation")
    captured = _read_date(octets.take(_DATE.size, "capture date"))
    octets.take(5, "capture device")  # technology, vendor, type
    quality = _read_qualities(octets)
    if certified:
        octets.take(3 * octets.number(1, "certification"), "certification")
    position, number, across, down, impression, width, height, form, count = _PRINT.unpack(
        octets.take(_PRINT.size, "representation header")
    )
    require(form >> 4 in (5, 6), "a minutia has neither 5 nor 6 octets")
    require(form & 0xF <= 1, "the ridge ending type is reserved")
    view = FingerView(
        width=width,
        height=height,
        minutiae=read_minutiae(octets, count, _RULES, with_quality=form >> 4 == 6),
        position=position,
        number=number,
        impression=impression,
        quality=quality,
        resolution_x=across,
        resolution_y=down,
        captured=captured,
        extensions=read_extensions(octets),
    )
    octets.finish("representation")
    return check_view(view)


def _representation(view: FingerView) -> bytes:
    check_view(view)
    graded = any(minutia.quality is not None for minutia in view.minutiae)
    form = (6 if graded else 5) << 4
    size = (view.resolution_x, view.resolution_y, view.impression, view.width, view.height)
    body = (
        _date(view.captured)
        + bytes(5)
        + _qualities(view.quality)
        + _PRINT.pack(view.position, view.number, *size, form, len(view.minutiae))
        + write_minutiae(view.minutiae, _RULES, with_quality=graded)
        + write_extensions(view.extensions)
    )
    return (len(body) + 4).to_bytes(4, "big") + body


def _read_qualities(octets: Octets) -> int | None:
    """The first quality that is reported: score, vendor and algorithm, in five octets each."""
    scores = [octets.take(5, "quality blocks")[0] for _ in range(octets.number(1, "quality blocks"))]
    return next((each for each in map(_RULES.read_quality, scores) if each is not None), None)


def _qualities(quality: int | None) -> bytes:
    return b"\x00" if quality is None else bytes([1, quality, 0, 0, 0, 0])


def _read_date(octets: bytes) -> datetime | None:
    if octets == _NO_DATE:
        return None
    year, month, day, hour, minute, second, millisecond = _DATE.unpack(octets)
    try:
        return datetime(year, month, day, hour, minute, second, millisecond * 1000, tzinfo=UTC)
    except ValueError as error:
        raise MinutiaeRecordError("the capture date is none") from error


def _date(at: datetime | None) -> bytes:
    if at is None:
        return _NO_DATE
    utc = at.astimezone(UTC)
    return _DATE.pack(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond // 1000)
