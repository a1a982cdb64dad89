"""How long an answer takes tells nothing either: what is sealed is refused as fast as what never was.

Requests for one and for the other take turns, so that whatever else the machine does falls on both. A difference counts
when Mann and Whitney's test finds it in three rounds one after the other; a difference that is there (one query more)
is found in every round, as the last test shows.
"""

import time
from math import sqrt

import pytest

from tests.registry.hall import DESK, SUPPORT, Hall, Who, adjudicator, child_possible, document_of, protector

pytestmark = pytest.mark.anyio

PAIRS, ROUNDS, FAR = 80, 3, 3.3  # two-sided, one in a thousand, three times over


async def taken(hall: Hall, who: Who, path: str) -> float:
    began = time.perf_counter()
    await hall.ask(who, "GET", path)
    return time.perf_counter() - began


async def shift(hall: Hall, who: Who, one: str, other: str) -> float:
    """Standard deviations by which one path's answers are later than the other's (Mann and Whitney 1947)."""
    times: tuple[list[float], list[float]] = [], []
    for turn in range(PAIRS):
        for which in (0, 1) if turn % 2 else (1, 0):
            times[which].append(await taken(hall, who, (one, other)[which]))
    later = sum((mine > yours) + (mine == yours) / 2 for mine in times[0] for yours in times[1])
    return (later - PAIRS**2 / 2) / sqrt(PAIRS**2 * (2 * PAIRS + 1) / 12)


async def differs(hall: Hall, who: Who, one: str, other: str) -> bool:
    for _ in range(ROUNDS):
        if abs(await shift(hall, who, one, other)) < FAR:
            return False
    return True


async def case_id(hall: Hall, who: Who, registration: str) -> str:
    case = await hall.case_of(who, registration)
    assert case is not None
    return case


async def test_a_sealed_registration_is_refused_in_the_time_of_none(hall: Hall) -> None:
    sealed = await hall.checked(child_possible())
    absent = "R" + "0" * 24
    for who in (adjudicator(1), Who("elsewhere", DESK.role, DESK.purpose, "MYS")):
        assert (await hall.ask(who, "GET", f"/v1/registrations/{sealed}")).status_code == 404
        assert not await differs(hall, who, f"/v1/registrations/{sealed}", f"/v1/registrations/{absent}")


async def test_a_sealed_case_and_a_victims_are_refused_in_the_time_of_none(hall: Hall) -> None:
    judge, absent = adjudicator(1), "/v1/adjudications/A" + "0" * 24
    child = await case_id(hall, protector(1), await hall.checked(child_possible()))
    _, victim = await hall.pair()
    hidden = await case_id(hall, judge, victim)
    status = {"status": "PRESUMED", "reason": "She asked for help."}
    await hall.told(SUPPORT, "PUT", f"/v1/registrations/{victim}/victim-status", status)
    for case in (child, hidden):
        path = f"/v1/adjudications/{case}"
        assert (await hall.ask(judge, "GET", path)).status_code == 404
        assert not await differs(hall, judge, path, absent)


async def test_the_test_sees_a_difference_that_is_there(hall: Hall) -> None:
    shown = await hall.checked(document_of("R" + "1" * 24))
    assert await differs(hall, adjudicator(1), f"/v1/registrations/{shown}", "/v1/registrations/R" + "0" * 24)
