"""What a reader is shown: records within the scope, without a trace of those that the reader may not know to be there.

A registration may point at another: as a candidate, or in a signal's evidence. Where that other one is sealed, a
reader who cannot open it would learn that it is sealed from being told that it does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.registry.workers.store import RegistrationStore
from services.registry.workers.views import Record, Scope, pointed_at, view
from shared.contracts.registrations import Registration, RegistrationPage

_NOBODY: Final = frozenset({"R"})
"""No registration's id."""


@dataclass(frozen=True)
class Wanted:
    """Which registrations a list shows; None: whichever."""

    signal: str | None = None
    reference: str | None = None


async def show(store: RegistrationStore, records: Sequence[Record], scope: Scope) -> list[Registration]:
    """Records as they may be seen within a scope; asked about others also where none is named: in the same time."""
    others = frozenset().union(*(pointed_at(record) for record in records))
    hidden = await store.hidden(others or _NOBODY, scope)
    return [view(record, scope, hidden) for record in records]


async def show_page(
    store: RegistrationStore, scope: Scope, before: int | None, limit: int, wanted: Wanted
) -> RegistrationPage:
    """A page, newest first. A signal that a reader is not shown finds nothing for them and counts nowhere."""
    items: list[Registration] = []
    while True:
        some, before = await _some(store, scope, before, limit - len(items), wanted)
        items += some
        if before is None or len(items) == limit:
            break
    more = before is not None and await _any_left(store, scope, before, wanted)
    return RegistrationPage(items=items, next=str(before) if more else None)


async def _any_left(store: RegistrationStore, scope: Scope, before: int | None, wanted: Wanted) -> bool:
    while before is not None:
        some, before = await _some(store, scope, before, 1, wanted)
        if some:
            return True
    return False


async def _some(
    store: RegistrationStore, scope: Scope, before: int | None, limit: int, wanted: Wanted
) -> tuple[list[Registration], int | None]:
    records, more = await store.page(scope, before, limit, wanted.signal, wanted.reference)
    shown = await show(store, records, scope)
    return [each for each in shown if wanted.signal in {None, *(signal.code for signal in each.signals)}], more
