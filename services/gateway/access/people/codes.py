"""Codes of an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, as every app takes them)."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30
_ISSUER: Final = "Lindung"


def new_code_key() -> str:
    """A TOTP secret: 160 random bits, base32 (RFC 4226, section 4, R6)."""
    return pyotp.random_base32()


def enrolment_uri(code_key: str, user: str) -> str:
    """What an authenticator app reads from a QR code: an otpauth URI."""
    return pyotp.TOTP(code_key).provisioning_uri(name=user, issuer_name=_ISSUER)


def step_of(code_key: str, code: str, at: datetime) -> int | None:
    """The time step that a code is of: the present one, or one beside it (RFC 6238, section 5.2); None: of none."""
    now = int(at.timestamp()) // STEP_S
    typed = code.replace(" ", "").encode()
    totp = pyotp.TOTP(code_key)
    steps = [step for step in (now, now - 1, now + 1) if hmac.compare_digest(totp.at(step * STEP_S).encode(), typed)]
    return steps[0] if steps else None
