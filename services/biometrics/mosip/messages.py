"""Messages from octets to what they ask for, checked in the order in which their faults are told."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from services.biometrics.mosip.refusals import MosipRefusedError
from shared.contracts.mosip import FailureReason

VERSIONS: Final = frozenset({"1.0", "1.1"})
MOST_RESULTS: Final = 100
LARGEST_GALLERY: Final = 10_000

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")
_REQUEST: Final = re.compile(r"[ -~]{1,128}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?")
_NUMBER: Final = re.compile(r"\d{1,3}")
_LONGEST_URL: Final = 2000
_DEFAULT_RESULTS: Final = 10


class Kind(StrEnum):
    """The six messages."""

    INSERT = "mosip.abis.insert"
    IDENTIFY = "mosip.abis.identify"
    DELETE = "mosip.abis.delete"
    PING = "mosip.abis.ping"
    PENDING_JOBS = "mosip.abis.pendingJobs"
    REFERENCE_COUNT = "mosip.abis.referenceCount"


@dataclass(frozen=True)
class Message:
    """What a message asks for.

    Attributes:
        reference: id of the record; None where the message has none.
        url: where its biometrics are; likewise.
        most: how many candidates at most.
        fpir: share of searches, of people who are not there, that may find somebody; None: the deployment's.
        gallery: the records that may be answered; None: all.
    """

    reference: str | None = None
    url: str | None = None
    most: int = _DEFAULT_RESULTS
    fpir: float | None = None
    gallery: frozenset[str] | None = None


def read_object(body: bytes) -> dict[str, Any]:
    """The message's fields.

    Raises:
        MosipRefusedError: BAD_STRUCTURE, not a JSON object.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad("not JSON") from error
    if not isinstance(document, dict):
        raise _bad("not an object")
    return document


def request_id_of(document: dict[str, Any]) -> str:
    """The id to be answered with; empty when the message has none that can be."""
    given = document.get("requestId")
    return given if isinstance(given, str) and _REQUEST.fullmatch(given) else ""


def read_message(document: dict[str, Any], kind: Kind) -> Message:
    """What a message asks for.

    Raises:
        MosipRefusedError: it cannot be served as it is.
    """
    _check_head(document, kind)
    if kind in {Kind.PING, Kind.PENDING_JOBS, Kind.REFERENCE_COUNT}:
        return Message()
    reference = _reference(_text(document, "referenceId"))
    url = None if kind is Kind.DELETE else _text(document, "referenceURL")
    if reference is None and (kind is not Kind.IDENTIFY or url is None):
        raise MosipRefusedError(FailureReason.NO_REFERENCE_ID)
    if kind is Kind.INSERT and url is None:
        raise MosipRefusedError(FailureReason.NO_REFERENCE_URL)
    if url is not None and len(url) > _LONGEST_URL:
        raise _bad("referenceURL is too long")
    if kind is not Kind.IDENTIFY:
        return Message(reference, url)
    flags = _object(document, "flags")
    return Message(reference, url, _most(flags), _fpir(flags), _gallery(_object(document, "gallery")))


def _check_head(document: dict[str, Any], kind: Kind) -> None:
    if document.get("id") != kind:
        raise MosipRefusedError(FailureReason.BAD_ID)
    version = document.get("version")
    if not isinstance(version, str) or version not in VERSIONS:
        raise MosipRefusedError(FailureReason.BAD_VERSION)
    if _text(document, "requestId") is None:
        raise MosipRefusedError(FailureReason.NO_REQUEST_ID)
    if not request_id_of(document):
        raise _bad("requestId is too long, or not plain text")
    time = document.get("requesttime")
    if time in {None, ""} if isinstance(time, str | None) else False:
        raise MosipRefusedError(FailureReason.NO_REQUEST_TIME)
    if not isinstance(time, str) or not _is_time(time):
        raise MosipRefusedError(FailureReason.BAD_REQUEST_TIME)


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _text(document: dict[str, Any], name: str) -> str | None:
    """A field's text; None when it is absent, null or empty."""
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad(f"{name} is not a text")
    return value or None


def _object(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad(f"{name} is not an object")
    return value


def _reference(value: str | None) -> str | None:
    if value is not None and not _REFERENCE.fullmatch(value):
        raise _bad("a referenceId is 1 to 64 of A-Z a-z 0-9 . _ : @ -")
    return value


def _most(flags: dict[str, Any]) -> int:
    value = _number(flags, "maxResults")
    if value is not None and not 1 <= value <= MOST_RESULTS:
        raise _bad(f"maxResults is 1 to {MOST_RESULTS}")
    return _DEFAULT_RESULTS if value is None else value


def _fpir(flags: dict[str, Any]) -> float | None:
    value = _number(flags, "targetFPIR")
    return None if value is None else 10 ** (-value / 10)


def _number(flags: dict[str, Any], name: str) -> int | None:
    value = flags.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int) or not _NUMBER.fullmatch(str(value)):
        raise _bad(f"{name} is not a number of up to three digits")
    return int(value)


def _gallery(gallery: dict[str, Any]) -> frozenset[str] | None:
    """The listed records; None for an absent or empty list, which stands for all."""
    listed = gallery.get("referenceIds") or []
    if not isinstance(listed, list) or len(listed) > LARGEST_GALLERY:
        raise _bad(f"gallery.referenceIds is a list of up to {LARGEST_GALLERY}")
    if not all(isinstance(each, dict) and isinstance(each.get("referenceId"), str) for each in listed):
        raise _bad("gallery.referenceIds holds objects with a referenceId")
    return frozenset(each["referenceId"] for each in listed) or None


def _bad(detail: str) -> MosipRefusedError:
    return MosipRefusedError(FailureReason.BAD_STRUCTURE, detail)
