"""Lists of lost, stolen and invalid travel documents, in the shape of INTERPOL's SLTD, from files.

A list says something of a document, never of its bearer. Only keyed digests are kept of what is on it.
"""

import csv
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, insert, select

from services.registry.documents.statements import plain_number
from services.registry.documents.tables import LostDocumentRow
from services.registry.documents.words import signal
from shared.contracts.registrations import Signal, SignalCode, Strength
from shared.db.database import Database, now

COLUMNS: Final = ("issuer", "number", "type", "status", "reported_on")
_PART: Final = 500


class LostStatus(StrEnum):
    """Why a document is on a list."""

    LOST = "LOST"
    STOLEN = "STOLEN"
    STOLEN_BLANK = "STOLEN_BLANK"
    REVOKED = "REVOKED"
    INVALID = "INVALID"


class LostListError(ValueError):
    """A file that is no such list. Names the line, never the document."""


@dataclass(frozen=True)
class LostDocument:
    """One line of a list."""

    issuer: str
    number: str
    type: str | None
    status: LostStatus
    reported_on: date | None


def read_list(file: Path) -> Iterator[LostDocument]:
    """The lines of a CSV with the columns issuer, number, type, status, reported_on.

    Raises:
        LostListError: a column is missing or a line cannot be read.
        OSError: the file cannot be read.
    """
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.DictReader(text)
        missing = set(COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise LostListError(f"the columns {', '.join(sorted(missing))} are missing")
        for row in rows:
            yield _line(row, rows.line_num)


def _line(row: dict[str, str | None], number: int) -> LostDocument:
    issuer, plain = (row["issuer"] or "").strip().upper(), plain_number(row["number"] or "")
    kind = (row["type"] or "").strip().upper()
    if not plain or len(plain) > 40 or not (issuer.isalpha() and len(issuer) <= 3) or len(kind) > 2:
        raise LostListError(f"line {number}: an issuer, a number and a type of at most two letters are needed")
    try:
        status = LostStatus((row["status"] or "").strip().upper())
        reported = date.fromisoformat(row["reported_on"]) if row["reported_on"] else None
    except ValueError as error:
        raise LostListError(f"line {number}: a status or a day that is none") from error
    return LostDocument(issuer, plain, kind or None, status, reported)


class LostDocuments:
    """The lists that were loaded.

    Args:
        database: the registry's.
        key: of the digests.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    async def load(self, list_name: str, file: Path) -> int:
        """Put a list in place of what was loaded under its name, whole or not at all.

        Returns:
            How many documents it names.

        Raises:
            LostListError, OSError: the file; nothing is changed.
        """
        at = now()
        rows = dict(self._row(list_name, each, at) for each in read_list(file))
        content = list(rows.values())
        async with self._database.write() as session:
            await session.execute(delete(LostDocumentRow).where(LostDocumentRow.list_name == list_name))
            for start in range(0, len(content), _PART):
                await session.execute(insert(LostDocumentRow), content[start : start + _PART])
        return len(content)

    async def signal(self, identity: tuple[str, str] | None) -> Signal | None:
        """Whether a document is on a list."""
        if identity is None:
            return None
        query = select(LostDocumentRow).where(LostDocumentRow.digest == self._digest(*identity))
        async with self._database.read() as session:
            rows = (await session.scalars(query.order_by(LostDocumentRow.list_name))).all()
        if not rows:
            return None
        listed = [
            {"list": row.list_name, "status": row.status, "type": row.document_type, "reported_on": _day(row)}
            for row in rows
        ]
        return signal(SignalCode.DOCUMENT_REPORTED_LOST, Strength.STRONG, listed=listed)

    def _row(self, list_name: str, document: LostDocument, at: Any) -> tuple[str, dict[str, Any]]:
        digest = self._digest(document.issuer, document.number)
        return digest, {
            "list_name": list_name,
            "digest": digest,
            "status": document.status.value,
            "document_type": document.type,
            "reported_on": document.reported_on,
            "loaded_at": at,
        }

    def _digest(self, issuer: str, number: str) -> str:
        content = b"\x1f".join((b"lost document", issuer.encode(), plain_number(number).encode()))
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()


def _day(row: LostDocumentRow) -> str | None:
    return row.reported_on.isoformat() if row.reported_on else None
