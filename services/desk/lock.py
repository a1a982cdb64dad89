"""The page opens with a PIN, and closes by itself when nobody touches it."""

import hmac
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.desk.languages import Saying
from shared.crypto.ringfile import write_durably

LEAST_DIGITS: Final = 6
_FREE_TRIES: Final = 4
_FIRST_WAIT_S: Final = 15.0
_FILE: Final = "pin"


class PinRefusedError(Exception):
    """The PIN is wrong, or it is too soon to try again. `said` is for the officer."""

    def __init__(self, said: Saying) -> None:
        super().__init__(str(said))
        self.said = said


class PinTooSimpleError(ValueError):
    """The PIN is too short, or one digit many times."""


def set_pin(folder: Path, pin: str) -> None:
    """Choose the PIN; only its Argon2id hash is kept.

    Raises:
        PinTooSimpleError: fewer than six digits, or all the same.
    """
    if not pin.isdigit() or len(pin) < LEAST_DIGITS or len(set(pin)) == 1:
        raise PinTooSimpleError(f"a PIN has at least {LEAST_DIGITS} digits, not all the same")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(folder / _FILE, PasswordHasher().hash(pin).encode())


def has_pin(folder: Path) -> bool:
    """Whether one was chosen."""
    return (folder / _FILE).is_file()


class Lock:
    """One session at a time; a new one ends the former.

    The PIN guards an unattended page. It does not guard the disk: for that, packets are sealed and the disk itself
    is to be encrypted.

    Args:
        folder: of the desk.
        idle_s: seconds without a touch after which the session is closed.
        clock: steady seconds.
    """

    def __init__(self, folder: Path, idle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / _FILE
        self._idle_s = idle_s
        self._clock = clock
        self._session: str | None = None
        self._touched = 0.0
        self._wrong = 0
        self._not_before = 0.0

    def open(self, pin: str) -> str:
        """A session's secret, for the right PIN. Takes a tenth of a second.

        Raises:
            PinRefusedError: wrong, or too soon: after four wrong ones each wait is twice the last.
        """
        if self._clock() < self._not_before:
            wait = timedelta(seconds=round(self._not_before - self._clock()))
            raise PinRefusedError(Saying("Too many wrong PINs. Wait %(wait)s.", wait=wait))
        try:
            PasswordHasher().verify(self._path.read_text(), pin)
        except (VerificationError, InvalidHashError, OSError) as error:
            self._wrong += 1
            if self._wrong > _FREE_TRIES:
                self._not_before = self._clock() + _FIRST_WAIT_S * 2 ** min(self._wrong - _FREE_TRIES - 1, 8)
            raise PinRefusedError(Saying("This PIN is wrong.")) from error
        self._wrong, self._session = 0, secrets.token_urlsafe(32)
        self.touch()
        return self._session

    def is_open(self, session: str | None) -> bool:
        """Whether this is the session, and somebody has touched it lately."""
        if session is None or self._session is None or not hmac.compare_digest(session, self._session):
            return False
        if self._clock() - self._touched > self._idle_s:
            self.close()
            return False
        return True

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._clock()

    def close(self) -> None:
        """Lock at once."""
        self._session = None
