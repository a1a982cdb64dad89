"""The members as this node believes them: kept over restarts, refreshed from the secretariat, never taken back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from services.gateway.federation.directory import (
    DirectoryRefusedError,
    accept_directory,
    accept_roots,
    public_key,
)
from services.gateway.tables import FederationDocumentRow
from shared.contracts.caller import Purpose
from shared.contracts.membership import Directory, MemberEntry, Root, Signed
from shared.db.database import Database, now
from shared.http.background import run_alongside

_MOST_BYTES: Final = 4_000_000
_TIMEOUT_S: Final = 10.0

log = structlog.get_logger(__name__)


class NotAMemberError(Exception):
    """Not an active member of the directory that is believed, or not for this purpose; `reason` in a word."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Membership:
    """Who is a member now.

    Args:
        database: the gateway's.
        own: this node's member state.
        trusted: the root that was put in place when the node joined.
    """

    def __init__(self, database: Database, own: str, trusted: Root) -> None:
        self._database, self.own = database, own
        self._root = trusted
        self._directory: Directory | None = None

    @property
    def version(self) -> int:
        """Of the directory; 0 when none was ever believed."""
        return self._directory.version if self._directory else 0

    async def load(self) -> None:
        """Take up what was believed before a restart. Its signatures were checked when it came."""
        async with self._database.read() as session:
            root = await session.get(FederationDocumentRow, "root")
            directory = await session.get(FederationDocumentRow, "directory")
        if root is not None and root.version > self._root.version:
            self._root = Root.model_validate_json(root.document)
        if directory is not None:
            self._directory = Directory.model_validate_json(directory.document)

    async def update(self, roots: list[Signed], offered: Signed) -> bool:
        """Believe newer documents, durably.

        Returns:
            Whether anything changed.

        Raises:
            DirectoryRefusedError: they are not believed; what was believed stays.
        """
        root = accept_roots(self._root, roots)
        directory = accept_directory(root, offered, self.version, now())
        changed = (root.version, directory.version) != (self._root.version, self.version)
        if changed:
            async with self._database.write() as session:
                for kind, document in (("root", root), ("directory", directory)):
                    await session.merge(_row(kind, document.version, document.model_dump_json()))
            self._root, self._directory = root, directory
            log.info("directory_believed", version=directory.version, members=len(directory.members))
        return changed

    @property
    def next_root(self) -> int:
        """The version of the root that would follow."""
        return self._root.version + 1

    @property
    def current(self) -> bool:
        """Whether there is a directory that has not expired."""
        return self._directory is not None and self._directory.expires > now()

    def others(self) -> list[MemberEntry]:
        """All other members of the newest directory, active or not, expired or not."""
        every = self._directory.members if self._directory else []
        return [entry for entry in every if entry.member != self.own]

    def member(self, code: str) -> MemberEntry:
        """An active member.

        Raises:
            NotAMemberError: unknown, cut off, or the directory has expired.
        """
        if not self.current:
            raise NotAMemberError("directory", "there is no current directory of members")
        for entry in self._current():
            if entry.member == code and entry.active:
                return entry
        raise NotAMemberError("no-member", "not an active member of the directory")

    def may_ask(self, asking: str, asked: str, purpose: Purpose) -> None:
        """Whether one member may ask another for a purpose.

        Raises:
            NotAMemberError: one of them is no member, or the purpose is not agreed.
        """
        if purpose not in self.member(asking).asks or purpose not in self.member(asked).answers:
            raise NotAMemberError("purpose", f"{asking} may not ask {asked} for {purpose}")

    def keys(self) -> dict[str, Any]:
        """Public keys of the active members by `MEMBER/kid`."""
        return {
            f"{entry.member}/{key.kid}": public_key(key).key
            for entry in self._current()
            if entry.active
            for key in entry.keys
        }

    def _current(self) -> list[MemberEntry]:
        return self._directory.members if self._directory is not None and self.current else []


class DirectorySource:
    """Where the secretariat puts its documents: `root.N.json` and `directory.json` in a folder or under an address.

    Args:
        place: a folder's path, or http(s)://….
    """

    def __init__(self, place: str) -> None:
        self._place = place

    async def fetch(self, next_root: int) -> tuple[list[Signed], Signed]:
        """The roots from a version on, and the directory.

        Raises:
            DirectoryRefusedError: it is away, too large, or cannot be read.
        """
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as http:
                roots: list[Signed] = []
                while (found := await self._get(http, f"root.{next_root + len(roots)}.json")) is not None:
                    roots.append(Signed.model_validate_json(found))
                document = await self._get(http, "directory.json")
                if document is None:
                    raise DirectoryRefusedError("away", "there is no directory")
                return roots, Signed.model_validate_json(document)
        except (httpx.HTTPError, OSError) as error:
            raise DirectoryRefusedError("away", "the directory's source does not answer") from error
        except ValidationError as error:
            raise DirectoryRefusedError("malformed", "a document cannot be read") from error

    async def _get(self, http: httpx.AsyncClient, name: str) -> bytes | None:
        if not self._place.startswith(("http://", "https://")):
            return await asyncio.to_thread(_read, Path(self._place) / name)
        async with http.stream("GET", f"{self._place.rstrip('/')}/{name}") as answer:
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            content = b""
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise DirectoryRefusedError("too-large", "a document is too large")
            return content


@asynccontextmanager
async def kept_fresh(membership: Membership, source: DirectorySource, every_s: float) -> AsyncIterator[None]:
    """Refresh while the block runs; the first time before it begins. A source that is away changes nothing."""
    await _refresh(membership, source)
    async with run_alongside(_refresh_for_ever(membership, source, every_s)):
        yield


async def _refresh_for_ever(membership: Membership, source: DirectorySource, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await _refresh(membership, source)


async def _refresh(membership: Membership, source: DirectorySource) -> None:
    try:
        await membership.update(*await source.fetch(membership.next_root))
    except DirectoryRefusedError as error:
        log.error("directory_refused", reason=error.reason)
    except SQLAlchemyError as error:
        log.error("directory_not_kept", error=type(error).__name__)


def _read(path: Path) -> bytes | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DirectoryRefusedError("too-large", "a document is too large")
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _row(kind: str, version: int, document: str) -> FederationDocumentRow:
    return FederationDocumentRow(kind=kind, version=version, document=document, received_at=now())
