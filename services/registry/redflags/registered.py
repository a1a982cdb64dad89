"""Rules on what registrations say of an agency or an employer. Pure. Thresholds: docs/adr/0043-red-flags.md."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.registry.redflags.facts import Found, Report, Shared, Tally
from services.registry.workers.heaping import Heap
from shared.contracts.red_flags import FlagRule, FlagStrength

FEWEST_SUBSTITUTED: Final = 3
SHARE_SUBSTITUTED: Final = 0.1
FEWEST_PHONE: Final = 10
FEWEST_ACCOUNT: Final = 6
OWN_SHARE: Final = 0.8
FEWEST_HELD: Final = 5
DAYS_HELD: Final = 3
FEWEST_ABOVE: Final = 3
SHARE_ABOVE: Final = 0.1
_MOST: Final = 0.5
"""Of the workers, from which a flag is strong."""


def substitution(tallies: Iterable[Tally]) -> Iterator[Found]:
    """Contracts that were worse after arrival."""
    for tally in tallies:
        if (
            tally.so >= FEWEST_SUBSTITUTED
            and tally.so >= SHARE_SUBSTITUTED * tally.known
            and tally.first
            and tally.last
        ):
            strength = FlagStrength.STRONG if tally.so >= _MOST * tally.known else FlagStrength.MEDIUM
            counts = {"compared": tally.known, "worse": tally.so}
            yield Found(tally.party, FlagRule.CONTRACT_SUBSTITUTION, strength, counts, tally.first, tally.last)


def shared_contact(phones: Iterable[Shared], accounts: Iterable[Shared]) -> Iterator[Found]:
    """Telephones and accounts that several workers gave; of each agency the most shared one counts."""
    found: dict[str, list[Found]] = {}
    for what, fewest, strength, groups in (
        ("one_account", FEWEST_ACCOUNT, FlagStrength.STRONG, accounts),
        ("one_telephone", FEWEST_PHONE, FlagStrength.MEDIUM, phones),
    ):
        for party, group in _largest(groups, fewest).items():
            counts = {f"workers_with_{what}": group.workers}
            each = Found(party, FlagRule.SHARED_CONTACT, strength, counts, group.first, group.last)
            found.setdefault(party, []).append(each)
    for party, some in found.items():
        counts = {what: count for each in some for what, count in each.counts.items()}
        first, last = min(each.first for each in some), max(each.last for each in some)
        yield Found(party, FlagRule.SHARED_CONTACT, some[0].strength, counts, first, last)


def _largest(groups: Iterable[Shared], fewest: int) -> Mapping[str, Shared]:
    largest: dict[str, Shared] = {}
    for group in groups:
        known = largest.get(group.party)
        if group.workers < fewest or group.workers < OWN_SHARE * group.everybody:
            continue
        if known is None or group.workers > known.workers:
            largest[group.party] = group
    return largest


def one_holder(groups: Iterable[Shared]) -> Iterator[Found]:
    """Documents of many workers in one hand, on more days than those of journeys."""
    lasting = (group for group in groups if group.days >= DAYS_HELD)
    largest: dict[str, Shared] = {}
    for group in lasting:
        if group.workers >= FEWEST_HELD and (
            group.party not in largest or group.workers > largest[group.party].workers
        ):
            largest[group.party] = group
    for party, group in largest.items():
        counts = {"workers_of_one_holder": group.workers}
        yield Found(party, FlagRule.ONE_HOLDER, FlagStrength.MEDIUM, counts, group.first, group.last)


def fees(tallies: Iterable[Tally], complaints: Iterable[Report]) -> Iterator[Found]:
    """More paid than may be charged, and complaints of it."""
    known = {tally.party: tally for tally in tallies}
    told: dict[str, list[Report]] = {}
    for report in complaints:
        told.setdefault(report.party, []).append(report)
    for party in sorted(known.keys() | told.keys()):
        tally, reports = known.get(party, Tally(party, 0, 0, None, None)), told.get(party, [])
        days = [*(day for day in (tally.first, tally.last) if day), *(report.on for report in reports)]
        if tally.so + len(reports) < FEWEST_ABOVE or tally.so < SHARE_ABOVE * tally.known:
            continue
        strength = FlagStrength.MEDIUM if tally.so else FlagStrength.WEAK
        counts = {"said_what_they_paid": tally.known, "above": tally.so, "complaints": len(reports)}
        yield Found(party, FlagRule.FEES_ABOVE_CAP, strength, counts, min(days), max(days))


def heaping(compared: Iterable[Heap], days: Mapping[str, Tally]) -> Iterator[Found]:
    """Ages just above the minimum, more often than by chance."""
    for heap in compared:
        seen = days.get(heap.agency)
        if heap.named and seen and seen.first and seen.last:
            counts = {"compared": heap.workers, "just_old_enough": heap.at_floor}
            yield Found(heap.agency, FlagRule.AGE_HEAPING, FlagStrength.MEDIUM, counts, seen.first, seen.last)
