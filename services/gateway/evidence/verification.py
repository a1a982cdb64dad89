"""A package verified, with nothing but its octets and whom one trusts: each fault named by its part."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import jwt
from pydantic import ValidationError

from services.gateway.audit.entries import leaf_of_document
from services.gateway.audit.heads import HeadNotSignedError, TreeHead, verify_head
from services.gateway.evidence.container import MANIFEST, SIGNATURE, is_plain, read_container
from services.gateway.evidence.package import CONTEXT
from services.gateway.federation.directory import DirectoryRefusedError, accept_directory, accept_roots, public_key
from shared.contracts.evidence import CustodyLog, Manifest
from shared.contracts.membership import MemberEntry, Root, Signed
from shared.crypto.detached import verify
from shared.standards.merkle import verify_inclusion

LOG: Final = "log.json"
DIRECTORY: Final = "directory/directory.json"
ROOTS: Final = "directory/roots.json"
WHOLE: Final = "package"
"""Stands for a part where the fault is of the file as a whole."""

Trust = MemberEntry | Root
"""A member's entry of the directory, or the root that signs directories: then the package brings the directory."""


@dataclass(frozen=True)
class Fault:
    """What does not hold: the part's path, and why in a word."""

    part: str
    reason: str


@dataclass
class Found:
    """What a package says, and what does not hold of it."""

    manifest: Manifest | None = None
    custody: CustodyLog | None = None
    faults: list[Fault] = field(default_factory=list)


def verify_package(octets: bytes, trust: Trust) -> Found:
    """Verify a package offline.

    Args:
        octets: the file.
        trust: whose word counts.
    """
    found, parts = Found(), read_container(octets)
    if parts is None:
        return Found(faults=[Fault(WHOLE, "not-a-package")])
    try:
        found.manifest = Manifest.model_validate_json(parts.get(MANIFEST, b""))
    except ValidationError:
        return Found(faults=[Fault(MANIFEST, "unreadable" if MANIFEST in parts else "missing")])
    found.faults += _parts(found.manifest, parts)
    if not is_plain(octets, parts):
        found.faults.append(Fault(WHOLE, "altered"))
    key = _key(found, parts, trust)
    if key is not None:
        _signatures(found, parts, key)
    return found


def _parts(manifest: Manifest, parts: Mapping[str, bytes]) -> Iterator[Fault]:
    """Every file is the one that was listed, and there is no other."""
    listed = {part.path: part for part in manifest.parts}
    for path, part in listed.items():
        if path not in parts:
            yield Fault(path, "missing")
        elif (hashlib.sha256(parts[path]).hexdigest(), len(parts[path])) != (part.sha256, part.size):
            yield Fault(path, "altered")
    yield from (Fault(path, "added") for path in parts if path not in {MANIFEST, SIGNATURE, *listed})
    if SIGNATURE not in parts:
        yield Fault(SIGNATURE, "missing")


def _key(found: Found, parts: Mapping[str, bytes], trust: Trust) -> jwt.PyJWK | None:
    """The key that the member signs its log with, as whoever verifies believes it."""
    manifest = found.manifest
    if manifest is None:
        return None
    try:
        entry = trust if isinstance(trust, MemberEntry) else _entry(manifest, parts, trust)
    except (DirectoryRefusedError, ValueError, TypeError):
        entry = None
    if entry is None:
        found.faults.append(Fault(DIRECTORY, "not-believed"))
        return None
    if entry.member != manifest.member or entry.log_key is None or entry.log_key.kid != manifest.key_id:
        found.faults.append(Fault(MANIFEST, "key"))
        return None
    return public_key(entry.log_key)


def _entry(manifest: Manifest, parts: Mapping[str, bytes], root: Root) -> MemberEntry | None:
    """The member's entry of the directory that was in force when the package was made."""
    roots = [Signed.model_validate(each) for each in json.loads(parts.get(ROOTS, b"[]"))]
    offered = Signed.model_validate_json(parts.get(DIRECTORY, b""))
    directory = accept_directory(accept_roots(root, roots), offered, 0, manifest.made_at)
    return next((each for each in directory.members if each.member == manifest.member), None)


def _signatures(found: Found, parts: Mapping[str, bytes], key: jwt.PyJWK) -> None:
    if not verify(key.key, CONTEXT, parts.get(MANIFEST, b""), parts.get(SIGNATURE, b"")):
        found.faults.append(Fault(SIGNATURE, "signature"))
    try:
        found.custody = CustodyLog.model_validate_json(parts.get(LOG, b""))
    except ValidationError:
        found.faults.append(Fault(LOG, "unreadable"))
        return
    if not _log_holds(found, found.custody, key):
        found.faults.append(Fault(LOG, "proof"))


def _log_holds(found: Found, custody: CustodyLog, key: jwt.PyJWK) -> bool:
    """The head is the member's, and every entry stands under it."""
    head = custody.head
    if found.manifest is None or head.member != found.manifest.member:
        return False
    try:
        verify_head(TreeHead(head.size, head.at, head.root, head.key_id, head.signature), key)
    except HeadNotSignedError:
        return False
    return all(
        each.size == head.size
        and leaf_of_document(each.entry.model_dump()) == each.leaf
        and verify_inclusion(each.entry.number - 1, head.size, each.leaf, each.path, head.root)
        for each in custody.entries
    )
