"""Which member directory is believed: the client's rules of The Update Framework, for one document and its root.

Source: The Update Framework specification 1.0, section 5 (detailed client workflow): a chain of roots, each signed by
the one before and by itself; a threshold of different keys; no version below one that was seen; no expired document.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar

import jwt
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidTokenError
from pydantic import BaseModel, ValidationError

from shared.contracts.membership import Directory, PublicKey, Root, SealingKey, Signed

ALGORITHM: Final = "ES256"
MOST_ROOTS: Final = 256
"""Roots followed in one update: TUF's bound against an endless chain."""

_JWS = PyJWS()
Document = TypeVar("Document", bound=BaseModel)


class DirectoryRefusedError(Exception):
    """A root or directory is not believed; `reason` says in a word why."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def sign_document(document: BaseModel, private_keys: Mapping[str, bytes]) -> Signed:
    """A document signed with each of the keys.

    Args:
        document: a Root or a Directory.
        private_keys: PEM by key id.
    """
    payload = document.model_dump_json()
    return Signed(payload=payload, signatures=[_sign(payload, kid, pem) for kid, pem in private_keys.items()])


def accept_roots(trusted: Root, offered: Iterable[Signed]) -> Root:
    """Follow a chain of roots from the one that is trusted; roots at or below its version are passed over.

    Expiry of those on the way is no matter; the caller looks at the last.

    Raises:
        DirectoryRefusedError: a link does not hold.
    """
    for count, signed in enumerate(offered):
        if count >= MOST_ROOTS:
            raise DirectoryRefusedError("too-many", "the chain of roots is too long")
        root = _read(signed, Root)
        if root.version <= trusted.version:
            continue
        if root.version != trusted.version + 1:
            raise DirectoryRefusedError("gap", "a root in the chain is missing")
        _require_threshold(signed, trusted)
        _require_threshold(signed, root)
        trusted = root
    return trusted


def accept_directory(root: Root, offered: Signed, known_version: int, now: datetime) -> Directory:
    """A directory, if it may be believed now.

    Args:
        root: trusted.
        offered: as received.
        known_version: of the newest directory believed so far; 0 for none.
        now: this instant.

    Raises:
        DirectoryRefusedError: root or directory expired, signatures short of the threshold, or an older version.
    """
    if root.expires <= now:
        raise DirectoryRefusedError("root-expired", "the root has expired")
    _require_threshold(offered, root)
    directory = _read(offered, Directory)
    if directory.version < known_version:
        raise DirectoryRefusedError("rollback", "a newer directory was seen before")
    if directory.expires <= now:
        raise DirectoryRefusedError("expired", "the directory has expired")
    return directory


def public_key(key: PublicKey | SealingKey) -> jwt.PyJWK:
    """A key that can verify, or be sealed to."""
    return jwt.PyJWK(key.model_dump())


def _sign(payload: str, kid: str, private_pem: bytes) -> str:
    return _JWS.encode(
        payload.encode(), private_pem, ALGORITHM, headers={"kid": kid, "b64": False}, is_payload_detached=True
    )


def _require_threshold(signed: Signed, root: Root) -> None:
    keys = {key.kid: public_key(key) for key in root.keys}
    good = {kid for signature in signed.signatures if (kid := _signer(signature, signed.payload, keys)) is not None}
    if len(good) < root.threshold:
        raise DirectoryRefusedError("signatures", f"{len(good)} of {root.threshold} signatures that are needed hold")


def _signer(signature: str, payload: str, keys: Mapping[str, jwt.PyJWK]) -> str | None:
    """The id of the key that made a signature; None when no trusted key did."""
    try:
        kid = str(_JWS.get_unverified_header(signature).get("kid"))
        if kid not in keys:
            return None
        _JWS.decode(signature, keys[kid].key, algorithms=[ALGORITHM], detached_payload=payload.encode())
    except (InvalidTokenError, ValueError, TypeError):
        return None
    return kid


def _read(signed: Signed, model: type[Document]) -> Document:
    try:
        return model.model_validate_json(signed.payload)
    except ValidationError as error:
        raise DirectoryRefusedError("malformed", "the document is not what it is said to be") from error
