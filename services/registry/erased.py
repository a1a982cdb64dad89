"""What was erased because its time was over, and how whoever asks for it is told."""

from datetime import datetime


class ErasedError(Exception):
    """The record was kept as long as its clock says; what it held of a person is gone."""


def require_kept(erased_at: datetime | None) -> None:
    """A record that still holds something.

    Raises:
        ErasedError: it was erased.
    """
    if erased_at is not None:
        raise ErasedError(f"its time was over: what it held of the person was erased on {erased_at.date()}")
