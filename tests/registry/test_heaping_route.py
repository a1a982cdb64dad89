"""Agencies whose workers are just old enough: what the offices are told, and what counts."""

import pytest

from services.registry.documents.tables import AgencyCandidateRow
from shared.contracts.caller import Purpose, Role
from tests.registry.hall import DESK, LABOUR, Hall, Who, child_possible

pytestmark = pytest.mark.anyio

LICENSING = Who("licensing", Role.LICENSING_OFFICER, Purpose.LICENCE_CHECK)
PATH = "/v1/agencies/heaping"


async def place(hall: Hall, agency: str, registration: str, at_floor: bool | None) -> None:
    async with hall.database.write() as session:
        session.add(AgencyCandidateRow(registration=registration, agency=agency, at_floor=at_floor))


async def test_an_office_is_told_of_agencies_and_of_no_worker(hall: Hall) -> None:
    for number in range(22):
        await place(hall, "made-older", await hall.checked(), at_floor=number < 20)
        await place(hall, "honest", await hall.checked(), at_floor=number < 2)
    await place(hall, "made-older", await hall.checked(child_possible()), at_floor=True)  # sealed
    await place(hall, "made-older", await hall.take_in(), at_floor=True)  # not checked yet
    await place(hall, "made-older", await hall.checked(), at_floor=None)  # below, or not known
    await place(hall, "small", await hall.checked(), at_floor=True)
    told = await hall.told(LICENSING, "GET", PATH)
    assert [(each["agency"], each["workers"], each["at_floor"], each["named"]) for each in told["agencies"]] == [
        ("made-older", 22, 20, True),
        ("honest", 22, 2, False),
    ]
    assert told == await hall.told(LABOUR, "GET", PATH)
    abroad = Who("licensing", LICENSING.role, LICENSING.purpose, "MYS")
    assert (await hall.told(abroad, "GET", PATH))["agencies"] == []
    assert (await hall.ask(DESK, "GET", PATH)).status_code == 403
