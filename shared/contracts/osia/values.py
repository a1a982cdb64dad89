"""Values on the wire: bytes, ids and bounded texts.

Part of the interface of OSIA ABIS 1.6.0, Copyright (c) Secure Identity Alliance (2022): see the package.
"""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

ALL_GALLERIES: Final = "ALL"
"""Stands for every gallery in a search; never the name of one."""

MAX_ITEMS: Final = 64
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2999
MAX_IMAGE_BYTES: Final = 20 * 2**20


def _decode_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error


def _encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


Base64 = Annotated[
    bytes,
    BeforeValidator(_decode_base64),
    PlainSerializer(_encode_base64, return_type=str),
    WithJsonSchema({"type": "string", "format": "byte"}),
]
"""Bytes in memory, base64 (RFC 4648, section 4) on the wire."""

OpaqueId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$")]
"""An id that says nothing about whom it stands for."""

GalleryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Prose = Annotated[str, StringConstraints(max_length=2000)]


def _written_out(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("a date and time is written out, as in RFC 3339")  # noqa: TRY004  pydantic reads ValueError
    return value


def _plausible(value: datetime) -> datetime:
    if not _EARLIEST_YEAR <= value.year <= _LATEST_YEAR:
        raise ValueError(f"a year from {_EARLIEST_YEAR} to {_LATEST_YEAR}")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_plausible)]
"""Date and time with its offset from UTC (RFC 3339)."""

Others = dict[str, Any]


def _distinct(galleries: list[str]) -> list[str]:
    if len(set(galleries)) != len(galleries):
        raise ValueError("a gallery is named twice")
    return galleries


GalleryList = Annotated[
    list[GalleryId],
    Field(min_length=1, max_length=32, json_schema_extra={"uniqueItems": True}),
    BeforeValidator(lambda value: _distinct(value) if isinstance(value, list) and _all_text(value) else value),
]


def _all_text(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
