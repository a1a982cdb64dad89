"""Rules on what was told to labour inspection about a party. Pure. Thresholds: docs/adr/0043-red-flags.md."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.registry.redflags.facts import Found, Report
from shared.contracts.red_flags import FlagRule, FlagStrength

FEWEST_RETAINED: Final = 2
MANY_RETAINED: Final = 5
FEWEST_COMPLAINTS: Final = 4
FEWEST_MEMBERS: Final = 2


def retained_passports(reports: Iterable[Report]) -> Iterator[Found]:
    """Passports that were kept, told independently; reports of one matter count once."""
    for party, some in _by_party(reports).items():
        matters = {report.about for report in some}
        if len(matters) >= FEWEST_RETAINED:
            strength = FlagStrength.STRONG if len(matters) >= MANY_RETAINED else FlagStrength.MEDIUM
            days = [report.on for report in some]
            counts = {"independent_reports": len(matters)}
            yield Found(party, FlagRule.RETAINED_PASSPORTS, strength, counts, min(days), max(days))


def several_members(complaints: Iterable[Report]) -> Iterator[Found]:
    """Complaints about one party in several member states."""
    for party, some in _by_party(complaints).items():
        members = {report.member for report in some}
        if len(some) >= FEWEST_COMPLAINTS and len(members) >= FEWEST_MEMBERS:
            days = [report.on for report in some]
            counts = {"complaints": len(some), "member_states": len(members)}
            rule = FlagRule.COMPLAINTS_FROM_SEVERAL_MEMBERS
            yield Found(party, rule, FlagStrength.MEDIUM, counts, min(days), max(days))


def _by_party(reports: Iterable[Report]) -> dict[str, list[Report]]:
    found: dict[str, list[Report]] = {}
    for report in reports:
        found.setdefault(report.party, []).append(report)
    return found
