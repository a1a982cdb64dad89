"""What a new version of a record takes back of what was told before, and to whom the register hands it."""

import datetime as dt
from typing import Any

import pytest

from services.registry.cases.visibility import Sight
from services.registry.corrections.changes import case_change, sight_change
from services.registry.corrections.endings import note_endings
from shared.contracts.caller import Purpose
from shared.contracts.cases import LegalStatus
from shared.contracts.corrections import Change
from shared.db.database import Database, now
from tests.registry.door import RegistryDoor, a_case

pytestmark = pytest.mark.anyio


class Register(RegistryDoor):
    """The registry, and what it has to tell."""

    database: Database

    async def changes(self) -> list[tuple[str, str, str]]:
        """What is to be told; taken."""
        answer = await self.ask("GET", "/v1/record-changes", purpose=Purpose.REGISTER_MAINTENANCE)
        told = answer.json()
        body = {"numbers": told["numbers"]}
        await self.ask("POST", "/v1/record-changes/taken", purpose=Purpose.REGISTER_MAINTENANCE, json=body)
        return [(each["record"], each["party"], each["change"]) for each in told["changes"]]

    async def case(self, stage: str, case: str = "c1", party: str = "p1", **changes: Any) -> None:
        await self.tell(f"/v1/cases/{case}", a_case(party, stage, **changes))

    async def correct(self, path: str, **body: Any) -> None:
        body = {"ground": "wrong_step", "source": "Decision 7"} | body
        answer = await self.ask("POST", f"{path}/corrections", purpose=Purpose.REGISTER_MAINTENANCE, json=body)
        assert answer.is_success, answer.text

    async def move(self, move: str, **body: Any) -> None:
        answer = await self.ask(
            "POST", "/v1/listings/l1/moves", purpose=Purpose.REGISTER_MAINTENANCE, json={"move": move} | body
        )
        assert answer.is_success, answer.text


@pytest.fixture(scope="module")
async def opened(door: RegistryDoor) -> Register:
    register = Register(door.client, door.signer)
    object.__setattr__(register, "database", door.client._transport.app.state.database)
    return register


@pytest.fixture
async def register(opened: Register, request: pytest.FixtureRequest) -> Register:
    """Parties p1 and p2 of this test's own; what other tests left is taken."""
    for party in ("p1", "p2"):
        await opened.party(party, registrationNumber="A-1", schema="Company", name=["Sinar", "Teduh"])
    await opened.changes()
    return opened


FINAL = {"stage_on": "2024-02-01", "final_on": "2024-03-01"}


async def test_cases(register: Register) -> None:
    """First tellings and graver steps are news; what ended, was overturned or was wrong is to be told."""
    await register.case("reported")
    await register.case("under_investigation")
    await register.case("charged", stage_on="2022-01-01")
    assert await register.changes() == []
    await register.case("withdrawn", stage_on="2022-02-01")
    assert await register.changes() == [("c1", "p1", "fell_away")]
    await register.case("convicted", "c2", **FINAL)
    await register.case("convicted", "c2", **FINAL | {"appeal": "pending", "appeal_on": "2025-01-01", "final_on": None})
    assert await register.changes() == [("c2", "p1", "mitigated")]
    await register.case("convicted", "c2", stage_on="2024-02-01", appeal="overturned", appeal_on="2025-02-01")
    assert await register.changes() == [("c2", "p1", "fell_away")]
    await register.case("charged", "c3")
    await register.correct("/v1/cases/c3", case=a_case("p2", "charged"))
    assert await register.changes() == [("c3", "p1", "fell_away")]
    await register.correct("/v1/cases/c3", case=a_case("p2", "charged", opened_on="2021-06-04"))
    assert await register.changes() == [("c3", "p2", "corrected")]


async def test_a_listing_falls_away_with_its_case_and_by_its_own_moves(register: Register) -> None:
    await register.case("convicted", "c7", **FINAL)
    body = {
        "party": "p1", "case": "c7", "authority": "Ministry", "grounds": ["forced_labour"],
        "proposed_on": "2024-04-01", "source": "Register",
    }  # fmt: skip
    answer = await register.put("/v1/listings/l1", body)
    assert answer.is_success, answer.text
    await register.move("drop", on="2024-05-01", source="Ministry")
    assert await register.changes() == [("l1", "p1", "fell_away")]
    answer = await register.put("/v1/listings/l2", body)
    await register.changes()
    await register.case("convicted", "c7", stage_on="2024-02-01", appeal="overturned", appeal_on="2025-02-01")
    assert await register.changes() == [("c7", "p1", "fell_away"), ("l2", "p1", "fell_away")]


async def test_a_value_that_was_told_and_taken_back(register: Register) -> None:
    await register.party("p1", registrationNumber="A-1", schema="Company", name=["Sinar", "Teduh"], country="my")
    assert await register.changes() == []
    await register.party("p1", registrationNumber="A-2", schema="Company", name=["Sinar", "Teduh"], country="my")
    assert await register.changes() == [("p1", "p1", "corrected")]


async def test_what_is_not_taken_is_told_again(register: Register) -> None:
    await register.case("charged", "c8")
    await register.case("dismissed", "c8")
    for _ in range(2):
        told = await register.ask("GET", "/v1/record-changes", purpose=Purpose.REGISTER_MAINTENANCE)
        assert [each["record"] for each in told.json()["changes"]] == ["c8"]
    await register.changes()
    assert await register.changes() == []


async def test_what_runs_out_by_the_clock_is_told_on_the_day_after(register: Register) -> None:
    """An allegation of which its member says nothing any more is spoken of for twelve months."""
    await register.case("charged", "c9")
    await register.changes()
    for days, ended in ((0, []), (300, []), (420, [("c9", "p1", "fell_away")]), (421, [])):
        await note_endings(register.database, now() + dt.timedelta(days=days))
        told = [each for each in await register.changes() if each[0] == "c9"]
        assert told == ended, days


def test_the_rules_in_both_directions() -> None:
    """Whatever gets graver is news, not a correction."""
    alleged, charged, final = LegalStatus.ALLEGED, LegalStatus.CHARGED, LegalStatus.CONVICTED_FINAL
    assert case_change(alleged, final, moved=False, corrected=False) is None
    assert case_change(final, charged, moved=False, corrected=False) is Change.MITIGATED
    assert case_change(final, LegalStatus.ACQUITTED, moved=False, corrected=True) is Change.FELL_AWAY
    assert case_change(LegalStatus.WITHDRAWN, charged, moved=True, corrected=True) is None
    assert sight_change(Sight.LABELLED, Sight.FINDING, corrected=False) is None
    assert sight_change(Sight.FINDING, Sight.LABELLED, corrected=False) is Change.MITIGATED
    assert sight_change(Sight.SEALED, Sight.HIDDEN, corrected=True) is None
    assert sight_change(Sight.LABELLED, Sight.LABELLED, corrected=True) is Change.CORRECTED
