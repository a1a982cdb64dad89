"""Finger minutiae records: ISO/IEC 19794-2 of 2005 and 2011, ANSI INCITS 378-2004.

How templates are exchanged between makers. A record says where minutiae are, not how its maker compares them. The
card formats of ISO/IEC 19794-2 are not read, nor is ANSI INCITS 378-2009: public descriptions of its header differ.
"""

from collections.abc import Callable
from typing import Final

from shared.standards.iso19794_2 import edition_2005, edition_2011
from shared.standards.iso19794_2.record import (
    Extension,
    FingerView,
    Minutia,
    MinutiaeRecord,
    MinutiaeRecordError,
    MinutiaKind,
    RecordFormat,
)

__all__ = [
    "Extension",
    "FingerView",
    "Minutia",
    "MinutiaKind",
    "MinutiaeRecord",
    "MinutiaeRecordError",
    "RecordFormat",
    "read_minutiae_record",
    "write_minutiae_record",
]

_READERS: Final[dict[RecordFormat, Callable[[bytes], MinutiaeRecord]]] = {
    RecordFormat.ISO_19794_2: edition_2005.read_iso,
    RecordFormat.ISO_19794_2_2011: edition_2011.read,
    RecordFormat.ANSI_378: edition_2005.read_ansi,
}
_WRITERS: Final[dict[RecordFormat, Callable[[MinutiaeRecord], bytes]]] = {
    RecordFormat.ISO_19794_2: edition_2005.write_iso,
    RecordFormat.ISO_19794_2_2011: edition_2011.write,
    RecordFormat.ANSI_378: edition_2005.write_ansi,
}


def read_minutiae_record(data: bytes, form: RecordFormat) -> MinutiaeRecord:
    """What a record says.

    Args:
        data: the whole record and nothing after it.
        form: its edition; two share their first octets, so it is not guessed.

    Raises:
        MinutiaeRecordError: it is not of that edition, or damaged.
    """
    return _READERS[form](data)


def write_minutiae_record(record: MinutiaeRecord, form: RecordFormat) -> bytes:
    """The record in an edition's octets.

    Raises:
        MinutiaeRecordError: a value is out of range, or the edition cannot say it.
    """
    return _WRITERS[form](record)
