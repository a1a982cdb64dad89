"""A whole year of recruitment from one seed."""

import random

from services.sandbox.recruitment.agencies import Agency, draw_agencies, draw_workers, share_centres
from services.sandbox.recruitment.desks import visits
from services.sandbox.recruitment.employers import Employer, about_agencies, draw_employers, what_is_told
from services.sandbox.recruitment.kinds import Near
from services.sandbox.recruitment.records import Year
from services.sandbox.region.records import REFERENCE
from shared.contracts.red_flags import FlagRule

_VISITS_A_WORKER = 1.4


def make_year(registrations: int, seed: int) -> Year:
    """Registrations, complaints and conversations of a year; the same arguments give the same.

    Args:
        registrations: about how many.
    """
    rng = random.Random(f"recruitment {seed}")
    agencies = draw_agencies(round(registrations / _VISITS_A_WORKER), rng)
    crews = [draw_workers(agency, rng) for agency in agencies]
    centres = share_centres(crews, rng)
    employers = draw_employers(2 * len(agencies), rng)
    told = [what_is_told(employer, rng) for employer in employers]
    takers = [(each.id, each.corridor.destination) for each in agencies if FlagRule.FEES_ABOVE_CAP in each.planted]
    return Year(
        last_day=REFERENCE,
        visits=tuple(visit for crew in crews for worker in crew for visit in visits(worker, rng)),
        complaints=(*(each for some, _ in told for each in some), *about_agencies(takers, rng)),
        conversations=tuple(each for _, some in told for each in some),
        agencies=tuple(agency.id for agency in agencies),
        employers=tuple(employer.id for employer in employers),
        planted={rule: _with(agencies, employers, rule) for rule in FlagRule},
        near={near: _near(agencies, employers, near, centres) for near in Near},
    )


def _with(agencies: list[Agency], employers: list[Employer], rule: FlagRule) -> frozenset[str]:
    return frozenset(each.id for some in (agencies, employers) for each in some if rule in each.planted)


def _near(agencies: list[Agency], employers: list[Employer], near: Near, centres: frozenset[str]) -> frozenset[str]:
    if near is Near.TRAINING_CENTRE:
        return centres
    if near in (Near.MISTYPED, Near.OWN_COSTS):  # in every agency
        return frozenset(agency.id for agency in agencies)
    return frozenset(each.id for some in (agencies, employers) for each in some if near in each.near)
