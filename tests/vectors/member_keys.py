"""Keys of the examples in docs/protocol.md: small numbers, known to everybody, used nowhere else."""

import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.contracts.caller import Purpose
from shared.contracts.membership import MemberEntry, PublicKey, SealingKey
from shared.crypto.keyfiles import public_jwk, sealing_jwk

NUMBERS = {"IDN/1": 11, "MYS/1": 12, "MYS/sealing": 13, "IDN/sealing": 14, "IDN/log": 15, "MYS/log": 16}


def example_key(name: str) -> bytes:
    """A private key, PEM."""
    return ec.derive_private_key(NUMBERS[name], ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def example_entry(code: str) -> MemberEntry:
    """A member of the examples."""
    purposes = [Purpose.LICENCE_CHECK, Purpose.ADJUDICATION]
    return MemberEntry(
        member=code, name=f"Example {code}", address=f"https://lindung.{code.lower()}.example", asks=purposes,
        answers=purposes, agreement="Regional agreement, annex 2", contact="duty",
        keys=[PublicKey.model_validate(public_jwk(example_key(f"{code}/1"), "1"))],
        sealing_key=SealingKey.model_validate(sealing_jwk(example_key(f"{code}/sealing"), "1")),
        log_key=PublicKey.model_validate(public_jwk(example_key(f"{code}/log"), "gateway")),
    )  # fmt: skip


def as_text(document: Any) -> bytes:
    """JSON as the examples have it: one line, so that its digest is plain."""
    return json.dumps(document, separators=(", ", ": ")).encode()
