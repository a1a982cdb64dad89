"""Data groups 1 and 2: the machine-readable zone and the face. Source: ICAO Doc 9303-10, sections 4.7.1 and 4.7.2."""

from collections.abc import Iterator
from typing import Final

MOST_BYTES: Final = 2_000_000
"""No chip holds more."""

_DG1, _MRZ = 0x61, 0x5F1F
_DG2, _GROUP, _INSTANCE = 0x75, 0x7F61, 0x7F60
_FACE_RECORDS: Final = (0x5F2E, 0x7F2E)
_ZONES: Final = {88: (44, 44), 72: (36, 36), 90: (30, 30, 30)}
"""Lines by the zone's length: TD3, TD2, TD1."""


class ChipDataError(ValueError):
    """What is said to be from a chip is not what the standard lays out. Repeats nothing of the content."""


def read_mrz(dg1: bytes) -> str:
    """The machine-readable zone of data group 1, its lines put apart.

    Raises:
        ChipDataError: it is no data group 1.
    """
    text = _only(_only(dg1, _DG1), _MRZ)
    if len(text) not in _ZONES or not text.isascii():
        raise ChipDataError("data group 1 holds no machine-readable zone of a known layout")
    lines, start = [], 0
    for length in _ZONES[len(text)]:
        lines.append(text[start : start + length].decode("ascii"))
        start += length
    return "\n".join(lines)


def read_face_images(dg2: bytes) -> list[bytes]:
    """The face records of data group 2, as ISO/IEC 19794-5 (`FAC`) lays them out; mostly one.

    Raises:
        ChipDataError: it is no data group 2, or holds none.
    """
    group = _only(_only(dg2, _DG2), _GROUP)
    faces = [
        content
        for tag, instance in read_objects(group)
        if tag == _INSTANCE
        for inner, content in read_objects(instance)
        if inner in _FACE_RECORDS
    ]
    if not faces:
        raise ChipDataError("data group 2 holds no face")
    return faces


def read_objects(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Data objects that follow one another (ISO/IEC 7816-4, section 5.2.2; BER-TLV), of definite length.

    Raises:
        ChipDataError: one does not end where it says.
    """
    if len(octets) > MOST_BYTES:
        raise ChipDataError("more octets than a chip can hold")
    at = 0
    while at < len(octets):
        tag, at = _tag(octets, at)
        length, at = _length(octets, at)
        if at + length > len(octets):
            raise ChipDataError("a data object ends before its length")
        yield tag, octets[at : at + length]
        at += length


def _only(octets: bytes, wanted: int) -> bytes:
    for tag, content in read_objects(octets):
        if tag == wanted:
            return content
    raise ChipDataError(f"the data object {wanted:X} is not there")


def _tag(octets: bytes, at: int) -> tuple[int, int]:
    tag, at = octets[at], at + 1
    if tag & 0x1F == 0x1F:
        if at >= len(octets):
            raise ChipDataError("a data object ends in its tag")
        tag, at = tag << 8 | octets[at], at + 1
        if tag & 0x80:
            raise ChipDataError("a tag longer than the standard uses")
    return tag, at


def _length(octets: bytes, at: int) -> tuple[int, int]:
    if at >= len(octets):
        raise ChipDataError("a data object ends in its length")
    first, at = octets[at], at + 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= 4 or at + count > len(octets):
        raise ChipDataError("a data object's length cannot be read")
    return int.from_bytes(octets[at : at + count], "big"), at + count
