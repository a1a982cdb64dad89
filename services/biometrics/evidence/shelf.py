"""Where a deployment keeps its calibrations: every version, who signed it, and which one is in force.

In the folder: `MODEL/DIGEST.json`, a document as it was proposed; `MODEL/DIGEST.signatures.json`; `MODEL/active.json`
with the digest in force and those before it. Nothing is ever removed. Signatures are checked again at each load: a
document that was changed, or whose signer is no longer an officer, is not in force.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.biometrics.evidence.calibration import Calibration
from services.biometrics.evidence.documents import (
    SIGNATURES,
    CalibrationDocument,
    CalibrationRefusedError,
    read_officers,
    signers,
)
from shared.crypto.ringfile import write_durably

_MODEL: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Version:
    """One proposed calibration.

    Attributes:
        document: as proposed.
        signed_by: officers whose signature holds.
        is_active: whether it was put in force.
    """

    document: CalibrationDocument
    signed_by: tuple[str, ...]
    is_active: bool


class CalibrationShelf:
    """The calibrations of a deployment.

    Args:
        folder: of the calibrations.
        key_folder: where the officers' public keys stand.
    """

    def __init__(self, folder: Path, key_folder: Path) -> None:
        self._folder = folder
        self._key_folder = key_folder

    def propose(self, data: bytes) -> str:
        """Keep a document; it has no effect yet.

        Returns:
            Its digest.

        Raises:
            CalibrationRefusedError: it is none, or not of canonical form.
        """
        document = CalibrationDocument.from_bytes(data)
        if document.to_bytes() != data.strip():
            raise CalibrationRefusedError("the document is not in its canonical form")
        path = self._path(document.calibration.model_id, document.digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, document.to_bytes())
        return document.digest

    def sign(self, digest: str, officer: str, key: Ed25519PrivateKey) -> tuple[str, ...]:
        """Add an officer's signature.

        Returns:
            All officers whose signature holds now.

        Raises:
            CalibrationRefusedError: no such document, or not this officer's key.
        """
        _, data = self._found(digest)
        return self.take_signature(digest, officer, key.sign(data))

    def take_signature(self, digest: str, officer: str, signature: bytes) -> tuple[str, ...]:
        """Keep a signature that an officer made elsewhere, over the document's canonical bytes (Ed25519).

        Returns:
            All officers whose signature holds now.

        Raises:
            CalibrationRefusedError: no such document, no such officer, or not made with their key.
        """
        path, data = self._found(digest)
        officers = read_officers(self._key_folder)
        given = {officer: base64.b64encode(signature).decode()}
        if not signers(data, given, officers):
            raise CalibrationRefusedError(f"{officer} is no officer with this key")
        signatures = _read(_signatures_of(path)) | given
        write_durably(_signatures_of(path), json.dumps(signatures, sort_keys=True, indent=1).encode())
        return tuple(signers(data, signatures, officers))

    def activate(self, digest: str) -> None:
        """Put a document in force; services that run go by it within seconds.

        Raises:
            CalibrationRefusedError: no such document, or fewer than two officers signed it.
        """
        path, data = self._found(digest)
        by = self._signed_by(path, data)
        if len(by) < SIGNATURES:
            raise CalibrationRefusedError(f"{SIGNATURES} officers must sign; signed by {', '.join(by) or 'nobody'}")
        before = _read(path.parent / "active.json")
        history = [
            *before.get("history", []),
            {"digest": digest, "at": datetime.now(UTC).isoformat(timespec="seconds")},
        ]
        active = {"digest": digest, "history": history}
        write_durably(path.parent / "active.json", json.dumps(active, indent=1).encode())

    def active(self) -> dict[str, str]:
        """Digests of the documents that were put in force, by model.

        Raises:
            CalibrationRefusedError: a file is damaged.
        """
        return {path.parent.name: str(_read(path).get("digest")) for path in sorted(self._folder.glob("*/active.json"))}

    def versions(self) -> list[Version]:
        """All that were proposed, by model and digest."""
        found = []
        for path in sorted(self._folder.glob("*/*.json")):
            if _DIGEST.fullmatch(path.stem):
                data = path.read_bytes()
                active = _read(path.parent / "active.json").get("digest") == path.stem
                by = tuple(self._signed_by(path, data))
                found.append(Version(CalibrationDocument.from_bytes(data), by, active))
        return found

    def in_force(self, shipped: Calibration) -> Calibration:
        """What scores of a model are worth here: the active document where it is in order, else what was shipped."""
        try:
            active = _read(self._folder / shipped.model_id / "active.json").get("digest")
            return shipped if active is None else self._checked(str(active), shipped.model_id)
        except CalibrationRefusedError as error:
            log.error("calibration_not_in_force", model=shipped.model_id, reason=str(error))
            return shipped

    def _checked(self, digest: str, model_id: str) -> Calibration:
        path, data = self._found(digest)
        document = CalibrationDocument.from_bytes(data)
        if document.digest != digest or document.calibration.model_id != model_id:
            raise CalibrationRefusedError("the document was changed, or is of another model")
        if len(self._signed_by(path, data)) < SIGNATURES:
            raise CalibrationRefusedError("fewer than two officers' signatures hold")
        return document.calibration

    def _signed_by(self, path: Path, data: bytes) -> list[str]:
        return signers(data, _read(_signatures_of(path)), read_officers(self._key_folder))

    def _path(self, model_id: str, digest: str) -> Path:
        if not _MODEL.fullmatch(model_id):
            raise CalibrationRefusedError("not a model id")
        return self._folder / model_id / f"{digest}.json"

    def _found(self, digest: str) -> tuple[Path, bytes]:
        path = next(iter(self._folder.glob(f"*/{digest}.json")), None) if _DIGEST.fullmatch(digest) else None
        if path is None:
            raise CalibrationRefusedError("no such calibration was proposed here")
        return path, path.read_bytes()


def _signatures_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.signatures.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CalibrationRefusedError(f"{path.name} is damaged") from error
    if not isinstance(found, Mapping):
        raise CalibrationRefusedError(f"{path.name} is damaged")
    return dict(found)
