"""Passwords after NIST SP 800-63B-4, 3.1.1: long, not common, of any characters; kept as Argon2id (RFC 9106)."""

import itertools
import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import Final

import anyio
import argon2
from anyio.to_thread import run_sync

SHORTEST: Final = 12
LONGEST: Final = 128
_FEWEST_DISTINCT: Final = 5
_FEWEST_OWN_LETTERS: Final = 5
_AT_ONCE: Final = 2
"""Each verification fills 64 MiB: more at once would let anybody exhaust the memory."""
_COMMON: Final = (
    "administrator", "password", "passwort", "katasandi", "rahasia", "sandi", "qwertyuiop", "qwerty", "asdfghjkl",
    "asdfgh", "zxcvbnm", "letmein", "welcome", "selamatdatang", "iloveyou", "akucintakamu", "sayang", "mahalkita",
    "matkhau", "secret", "dragon", "monkey", "football", "sunshine", "princess", "superman", "changeme", "default",
    "abcdefgh", "abcd", "admin", "login", "lindung", "officer", "desk",
)  # fmt: skip


class PasswordRefusedError(Exception):
    """A password that is too easily guessed; `reason` says what to change."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Passwords:
    """Keeps and verifies passwords, few at once, in threads of their own."""

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher()  # RFC 9106, section 4, second choice: 64 MiB, 3 passes, 4 lanes
        self._nobodys = self._hasher.hash(secrets.token_hex(16))
        self._turns = anyio.CapacityLimiter(_AT_ONCE)

    async def keep(self, password: str) -> str:
        """What is stored of a password: a PHC string."""
        return await run_sync(self._hasher.hash, _normal(password), limiter=self._turns)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; for nobody (None) it is not, after the same time."""
        right = await run_sync(self._verify, kept or self._nobodys, _normal(password), limiter=self._turns)
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False


def check_password(password: str, about: Iterable[str]) -> None:
    """Take a new password or say what is wrong with it. No character is asked for and none is forbidden.

    Args:
        password: as typed.
        about: words that belong to the person: id, name, organisation.

    Raises:
        PasswordRefusedError: too short, too long, or made of what is guessed first.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise PasswordRefusedError(f"{SHORTEST} to {LONGEST} characters; a few words that you choose are good")
    if len(set(normal)) < _FEWEST_DISTINCT or _is_sequence(normal):
        raise PasswordRefusedError("the same characters again and again, or one after the other; choose a few words")
    words = {part for text in about for part in re.findall(r"[^\W\d_]{3,}", text.casefold())}
    left = normal.casefold()
    for word in sorted(words.union(_COMMON), key=len, reverse=True):
        left = left.replace(word, "")
    if len(left) < len(normal) and len(re.findall(r"[^\W\d_]", left)) < _FEWEST_OWN_LETTERS:
        raise PasswordRefusedError("made of words that are guessed first; choose others")


def _is_sequence(password: str) -> bool:
    steps = [abs(ord(second) - ord(first)) <= 1 for first, second in itertools.pairwise(password)]
    return sum(steps) * 5 > len(steps) * 3


def _normal(password: str) -> str:
    """One form for one password, whatever keyboard it was typed on (SP 800-63B-4: NFKC)."""
    return unicodedata.normalize("NFKC", password)
