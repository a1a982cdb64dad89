"""A warning when the desk seems to have packed the same worker twice since it was started.

What it sees: the same document number and issuer, or the same name (in any word order) with the same date of birth,
among packets that wait and were made since the program started. What it cannot see: faces and prints (they are sealed),
other spellings, packets from before the start, other desks. The gateway's checks see all of that.

Only keyed digests are kept, in memory, under a key that was never written down: nothing of it is on the disk.
"""

import hashlib
import hmac
import secrets
import unicodedata
from uuid import UUID

from shared.contracts.registrations import RegistrationRequest


class DoubleWatch:
    """Digests of what was packed, by packet."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._seen: dict[bytes, UUID] = {}

    def remember(self, packet: UUID, request: RegistrationRequest) -> None:
        """Take a packet's digests in."""
        for digest in self._digests(request):
            self._seen[digest] = packet

    def earlier(self, request: RegistrationRequest, waiting: set[UUID]) -> UUID | None:
        """A waiting packet that may be of the same worker."""
        found = (self._seen.get(digest) for digest in self._digests(request))
        return next((packet for packet in found if packet in waiting), None)

    def _digests(self, request: RegistrationRequest) -> list[bytes]:
        told = [("name", " ".join(sorted(_plain(request.name).split())), request.born)]
        document = request.document
        if document is not None and document.number:
            told.append(("document", _plain(document.number).replace(" ", ""), document.issuer or ""))
        return [hmac.digest(self._key, "\x1f".join(parts).encode(), hashlib.sha256) for parts in told]


def _plain(text: str) -> str:
    """Letters and digits only, without marks and case."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not letter.isalnum() else letter for letter in apart if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())
