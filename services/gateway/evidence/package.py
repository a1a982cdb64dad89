"""A package put together and signed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.gateway.evidence.container import MANIFEST, SIGNATURE, write_container
from shared.contracts.evidence import SCHEMA_VERSION, EvidenceKind, EvidencePart, Manifest, NamedDocument, PartRole
from shared.crypto.detached import sign

CONTEXT: Final = SCHEMA_VERSION
"""What the manifest's signature says that it signs."""


@dataclass(frozen=True)
class Part:
    """A file before it is packed."""

    path: str
    role: PartRole
    content: bytes
    language: str | None = None
    translates: str | None = None


@dataclass(frozen=True)
class Subject:
    """What a package is about, for whom, and when it is made."""

    member: str
    kind: EvidenceKind
    id: str
    request: str
    made_at: datetime
    key_id: str


def make_package(
    subject: Subject, parts: Sequence[Part], named: Sequence[tuple[str, str | None]], private_pem: bytes
) -> bytes:
    """The package's octets.

    Args:
        subject: what it is about.
        parts: its files; no path twice.
        named: documents that the record names: SHA-256 and who stands behind it.
        private_pem: the member's log key.

    Raises:
        ValueError: a path is none of a package, or stands twice.
    """
    if len({part.path for part in parts}) != len(parts):
        raise ValueError("two parts have one name")
    listed = [_listed(part) for part in sorted(parts, key=lambda each: each.path)]
    held = {part.sha256: part.path for part in listed if part.role is PartRole.DOCUMENT}
    manifest = Manifest(
        member=subject.member,
        kind=subject.kind,
        subject=subject.id,
        request=subject.request,
        made_at=subject.made_at,
        key_id=subject.key_id,
        named=[NamedDocument(sha256=digest, authority=by, part=held.get(digest)) for digest, by in named],
        parts=listed,
    )
    signed = manifest.model_dump_json(indent=1).encode()
    files = {part.path: part.content for part in parts}
    return write_container(files | {MANIFEST: signed, SIGNATURE: sign(private_pem, CONTEXT, signed)})


def _listed(part: Part) -> EvidencePart:
    return EvidencePart(
        path=part.path,
        role=part.role,
        sha256=hashlib.sha256(part.content).hexdigest(),
        size=len(part.content),
        language=part.language,
        translates=part.translates,
    )
