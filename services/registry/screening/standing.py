"""What matters about a party today: who it is, and what stands for or against it. Compared from one day to another."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

from services.registry.parties.tables import PartyRow
from services.registry.screening.dossiers import Dossiers
from shared.contracts.cases import LegalStatus, Offence
from shared.contracts.parties import IDENTIFIER_PROPERTIES, NAME_PROPERTIES, NATIONALITY_PROPERTIES

_WHO: Final = (*NAME_PROPERTIES, *IDENTIFIER_PROPERTIES, *NATIONALITY_PROPERTIES, "birthDate", "gender", "country")
"""Properties by which somebody is told from somebody else."""

Standing = dict[str, Any]
"""JSON: `who` a digest, `status`, by id how cases, licences and listings stand, and what imported lists say."""

_TOPICS: Final = {
    Offence.TRAFFICKING_IN_PERSONS: "crime.traffick.human",
    Offence.FORCED_LABOUR: "forced.labor",
    Offence.DEBT_BONDAGE: "forced.labor",
}


def standing_of(seq: int, dossiers: Dossiers) -> Standing:
    """What matters about a party, on the day of its dossier."""
    known = {
        "who": _who(dossiers.parties[seq]),
        "status": dossiers.status(seq),
        "cases": {case.id: case.status for case in dossiers.cases.get(seq, ())},
        "licences": {licence.id: licence.status for licence in dossiers.licences.get(seq, ())},
        "listings": {each.id: [each.state, each.public] for each in dossiers.listings.get(seq, ())},
    }
    entries = {f"{each.member}/{each.source}/{each.entry}": each.digest for each in dossiers.entries.get(seq, ())}
    return known | {"entries": entries} if entries else known  # a digest made before there were any stays the same


def material(seq: int, dossiers: Dossiers) -> str:
    """A digest of what matters about a party: another one means that it is to be judged anew."""
    return _digest(standing_of(seq, dossiers))


def topics_of(seq: int, dossiers: Dossiers) -> list[str]:
    """FollowTheMoney's topics, from final decisions and public listings only."""
    found = {topic for case in dossiers.cases.get(seq, ()) if case.proven for topic in _topics(case)}
    if any(listing.public for listing in dossiers.listings.get(seq, ())):
        found.add("debarment")
    return sorted(found)


def _topics(case: Any) -> Iterable[str]:
    if case.status is not LegalStatus.CONVICTED_FINAL:
        return {"reg.action"}
    return {"crime", *(_TOPICS[offence] for offence in case.offences if offence in _TOPICS)}


def _who(party: PartyRow) -> str:
    known = {name: sorted(party.properties[name]) for name in _WHO if name in party.properties}
    return _digest([party.schema, known])


def _digest(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
