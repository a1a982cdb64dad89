"""What changed between two looks at the same parties. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.contracts.licences import LicenceStatus
from shared.contracts.watches import ChangeKind

Known = Mapping[str, Mapping[str, Any]]
"""How parties stood (`standing.Standing`), by id."""

_SUSPENDED: Final = frozenset({LicenceStatus.SUSPENDED, LicenceStatus.PREVENTIVE_SUSPENSION})


def changes_between(before: Known, after: Known) -> Iterator[tuple[str, ChangeKind]]:
    """Each change with the id of its party, in the order of the ids."""
    for party in sorted(before.keys() | after.keys()):
        old, new = before.get(party), after.get(party)
        if old is None:
            yield party, ChangeKind.NEW_HIT
        elif new is None:
            yield party, ChangeKind.HIT_GONE
        else:
            yield from ((party, kind) for kind in _kinds(old, new))


def _kinds(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ChangeKind]:
    if old["who"] != new["who"]:
        yield ChangeKind.PARTY_CHANGED
    if old["cases"].keys() - new["cases"].keys():
        yield ChangeKind.CASE_FELL_AWAY
    if any(old["cases"].get(case) != status for case, status in new["cases"].items()):
        yield ChangeKind.STATUS_CHANGED
    yield from _licence_kinds(old["licences"], new["licences"])
    if old["listings"] != new["listings"] or old.get("entries") != new.get("entries"):
        yield ChangeKind.LISTING_CHANGED


def _licence_kinds(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[ChangeKind]:
    suspended = {key for key, status in new.items() if status in _SUSPENDED and old.get(key) not in _SUSPENDED}
    if suspended:
        yield ChangeKind.LICENCE_SUSPENDED
    if any(old.get(key) != new.get(key) for key in (old.keys() | new.keys()) - suspended):
        yield ChangeKind.LICENCE_CHANGED
