"""Calibrations as documents: made from an operator's own data, and in force only when two officers have signed.

A document is known by the SHA-256 of its canonical bytes (JSON, keys sorted, no spaces: RFC 8785 for what is used
here), which is also what is signed (Ed25519, RFC 8032). Officers' public keys stand in a file that only the operator of
the key folder can change; with no such file nobody can sign, and what was shipped stays in force.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.biometrics.evidence.calibration import Calibration

FORM: Final = "lindung-calibration-1"
OFFICERS_FILE: Final = "calibration-officers.json"
"""In the key folder: {officer: base64 of the 32 bytes of an Ed25519 public key}."""
SIGNATURES: Final = 2
_MOST_BYTES: Final = 1_000_000


class CalibrationRefusedError(ValueError):
    """Not a calibration document, or one that is not to take effect."""


@dataclass(frozen=True)
class CalibrationDocument:
    """A calibration with where it comes from.

    Attributes:
        calibration: what scores are worth.
        measured: of what: counts, date (ISO 8601), `inputs_sha256` of the list of inputs, FMR by group.
    """

    calibration: Calibration
    measured: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        made = self.calibration
        document = {
            "form": FORM,
            "model_id": made.model_id,
            "source": made.source,
            "strangers": [list(knot) for knot in made.strangers],
            "mates": [list(knot) for knot in made.mates],
            "beyond": made.beyond,
            "measured": dict(self.measured),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CalibrationDocument":
        """The document that `to_bytes` wrote.

        Raises:
            CalibrationRefusedError: it is none.
        """
        if len(data) > _MOST_BYTES:
            raise CalibrationRefusedError("too long for a calibration")
        try:
            found = json.loads(data)
            if found["form"] != FORM:
                raise ValueError(FORM)  # noqa: TRY301  one refusal for all that is no such document
            strangers, mates = (
                tuple((float(score), float(level)) for score, level in found[name]) for name in ("strangers", "mates")
            )
            made = Calibration(str(found["model_id"]), str(found["source"]), strangers, mates, float(found["beyond"]))
            return cls(made, dict(found["measured"]))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise CalibrationRefusedError("not a calibration document") from error


def read_officers(key_folder: Path) -> dict[str, Ed25519PublicKey]:
    """Who may sign, by name; nobody where there is no such file.

    Raises:
        CalibrationRefusedError: the file cannot be understood.
    """
    path = key_folder / OFFICERS_FILE
    if not path.exists():
        return {}
    try:
        named: dict[str, str] = json.loads(path.read_bytes())
        keys = {name: base64.b64decode(key, validate=True) for name, key in named.items()}
        officers = {name: Ed25519PublicKey.from_public_bytes(key) for name, key in keys.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise CalibrationRefusedError(f"{OFFICERS_FILE}: not names with public keys") from error
    if len(set(keys.values())) != len(keys):
        raise CalibrationRefusedError(f"{OFFICERS_FILE}: two officers have one key")
    return officers


def signers(data: bytes, signatures: Mapping[str, str], officers: Mapping[str, Ed25519PublicKey]) -> list[str]:
    """Officers whose signature of these bytes holds; the others do not count.

    Args:
        data: canonical bytes of a document.
        signatures: base64, by officer.
        officers: as `read_officers` gave them.
    """
    return sorted(
        name for name, given in signatures.items() if name in officers and _holds(officers[name], given, data)
    )


def _holds(key: Ed25519PublicKey, signature: str, data: bytes) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, binascii.Error, TypeError, ValueError):
        return False
    return True
