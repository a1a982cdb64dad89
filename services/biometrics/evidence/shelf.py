"""Where a deployment keeps its calibrations: every version, who signed it, and which one is in force.

In the folder: `MODEL/DIGEST.json`, a document as it was proposed; `MODEL/DIGEST.signatures.json`; `MODEL/active.json`
with the digest that was put in force and those before it. Nothing is ever removed.

In force is what verifies now, however it was when it was put in force: the document is there, has its digest, and two
officers' signatures hold. One that is missing or was changed, whose signer is no longer an officer, or whose files are
damaged is not in force, and what was shipped is, until it verifies again.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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
_CHANGED: Final = "the document was changed, or is of another model"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Version:
    """One proposed calibration.

    Attributes:
        document: as proposed.
        signed_by: officers whose signature holds.
        is_active: whether it is in force: it was put in force and verifies.
    """

    document: CalibrationDocument
    signed_by: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True)
class Activation:
    """What was put in force for a model.

    Attributes:
        document: that is in force; None: what was shipped is.
        refused: why what was put in force does not verify; None: it does, or nothing was.
    """

    document: CalibrationDocument | None = None
    refused: str | None = None


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
        """Keep a document; it has no effect yet. One whose file was damaged is whole again.

        Returns:
            Its digest.

        Raises:
            CalibrationRefusedError: it is none, or not of canonical form.
        """
        document = CalibrationDocument.from_bytes(data)
        if document.to_bytes() != data.strip():
            raise CalibrationRefusedError("the document is not in its canonical form")
        path = self._path(document.calibration.model_id, document.digest)
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
        return self.take_signature(digest, officer, key.sign(_proposed(self._found(digest))))

    def take_signature(self, digest: str, officer: str, signature: bytes) -> tuple[str, ...]:
        """Keep a signature that an officer made elsewhere, over the document's canonical bytes (Ed25519).

        Returns:
            All officers whose signature holds now.

        Raises:
            CalibrationRefusedError: no such document, no such officer, or not made with their key.
        """
        path = self._found(digest)
        data, officers = _proposed(path), read_officers(self._key_folder)
        given = {officer: base64.b64encode(signature).decode()}
        if not signers(data, given, officers):
            raise CalibrationRefusedError(f"{officer} is no officer with this key")
        signatures = _read(_signatures_of(path)) | given
        write_durably(_signatures_of(path), json.dumps(signatures, sort_keys=True, indent=1).encode())
        return tuple(signers(data, signatures, officers))

    def activate(self, digest: str) -> None:
        """Put a document in force; services that run go by it within seconds.

        Raises:
            CalibrationRefusedError: no such document, fewer than two officers signed it, or a file is damaged.
        """
        path = self._found(digest)
        _, by = _verified(path, read_officers(self._key_folder))
        if len(by) < SIGNATURES:
            raise CalibrationRefusedError(f"{SIGNATURES} officers must sign; signed by {', '.join(by) or 'nobody'}")
        before = _read(path.parent / "active.json")
        history = [
            *before.get("history", []),
            {"digest": digest, "at": datetime.now(UTC).isoformat(timespec="seconds")},
        ]
        active = {"digest": digest, "history": history}
        write_durably(path.parent / "active.json", json.dumps(active, indent=1).encode())

    def active(self) -> dict[str, Activation]:
        """What was put in force, by model, and whether it verifies now.

        Raises:
            OSError: a file or folder that is there cannot be read.
        """
        models = sorted(self._folder.iterdir()) if self._folder.exists() else ()  # glob hides what may not be listed
        paths = (each / "active.json" for each in models)
        return {path.parent.name: self._activation(path) for path in paths if path.exists()}

    def versions(self) -> list[Version]:
        """All that were proposed, by model and digest; what is damaged is left out, and the log says so.

        Raises:
            CalibrationRefusedError: the officers' file cannot be understood.
            OSError: a file or folder that is there cannot be read.
        """
        active, officers = self.active(), read_officers(self._key_folder)
        good = {each.document.digest for each in active.values() if each.document}
        found = []
        for path in sorted(self._folder.glob("*/*.json")):
            if _DIGEST.fullmatch(path.stem):
                try:
                    document, by = _verified(path, officers)
                    found.append(Version(document, tuple(by), path.stem in good))
                except CalibrationRefusedError as error:
                    log.error("calibration_left_out", model=path.parent.name, digest=path.stem, reason=str(error))
        return found

    def _activation(self, path: Path) -> Activation:
        try:
            digest = str(_read(path).get("digest"))
            if not _DIGEST.fullmatch(digest):
                raise CalibrationRefusedError(f"{path.name} is damaged")  # noqa: TRY301  as _read has it
            document, by = _verified(path.with_name(f"{digest}.json"), read_officers(self._key_folder))
        except CalibrationRefusedError as error:
            return Activation(refused=str(error))
        if len(by) < SIGNATURES:
            return Activation(refused="fewer than two officers' signatures hold")
        return Activation(document)

    def _path(self, model_id: str, digest: str) -> Path:
        if not _MODEL.fullmatch(model_id):
            raise CalibrationRefusedError("not a model id")
        return self._folder / model_id / f"{digest}.json"

    def _found(self, digest: str) -> Path:
        path = next(iter(self._folder.glob(f"*/{digest}.json")), None) if _DIGEST.fullmatch(digest) else None
        if path is None:
            raise CalibrationRefusedError("no such calibration was proposed here")
        return path


def in_force(active: Mapping[str, Activation], shipped: Calibration) -> Calibration:
    """What scores of a model are worth: by the document that was put in force while it verifies, else as shipped."""
    found = active.get(shipped.model_id, Activation())
    if found.refused:
        log.error("calibration_not_in_force", model=shipped.model_id, reason=found.refused)
    return found.document.calibration if found.document else shipped


def _verified(path: Path, officers: Mapping[str, Ed25519PublicKey]) -> tuple[CalibrationDocument, list[str]]:
    """A document as it was proposed, and the officers whose signatures of it hold."""
    data = _proposed(path)
    document = CalibrationDocument.from_bytes(data)
    if document.calibration.model_id != path.parent.name:
        raise CalibrationRefusedError(_CHANGED)
    return document, signers(data, _read(_signatures_of(path)), officers)


def _proposed(path: Path) -> bytes:
    """The bytes that are signed: their SHA-256 is the file's name."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CalibrationRefusedError("the document is missing") from error
    if hashlib.sha256(data).hexdigest() != path.stem:
        raise CalibrationRefusedError(_CHANGED)
    return data


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
