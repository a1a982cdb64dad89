"""What offices add to screening: thresholds with their history, and the memory of cleared hits."""

import pytest

from shared.contracts.caller import Caller, Purpose
from tests.registry.door import a_case, as_lists
from tests.registry.test_listings import listed, move

pytestmark = pytest.mark.anyio

BORN = {"birthDate": "1984-10-09", "nationality": "ID"}


class Office:
    """An organisation that screens."""

    def __init__(self, door, organisation, member="IDN"):
        self.door = door
        self.organisation = organisation
        self.member = member

    async def ask(self, method, path, purpose=Purpose.LICENCE_CHECK, **options):
        caller = Caller(client_id="desk-7", organisation=self.organisation, member=self.member, purpose=purpose)
        headers = {"Authorization": f"Bearer {self.door.signer.sign(caller, 'registry')}"}
        return await self.door.client.request(method, path, headers=headers, **options)

    async def screen(self, path="/match/default", **properties):
        body = {"queries": {"q": {"schema": "Person", "properties": as_lists(properties)}}}
        answer = await self.ask("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hit(self, party, **properties):
        results = (await self.screen(**properties))["responses"]["q"]["results"]
        return next((hit for hit in results if hit["id"] == party), None)

    async def clear(self, party, **properties):
        query = {"schema": "Person", "properties": as_lists(properties)}
        body = {"query": query, "party": party, "reason": "another birth place", "evidence": "family card 12"}
        return await self.ask("POST", "/v1/screening/clearances", json=body)


async def test_a_cleared_hit_is_shown_as_cleared_and_comes_back_when_the_party_changes(door):
    asked = {"name": "Wiratama Kusnadi", **BORN}
    await door.party("o-cleared", **asked)
    batam, other = Office(door, "Desk Batam"), Office(door, "Desk Medan")
    before = await batam.hit("o-cleared", **asked)
    assert (before["match"], before["clearance"]) == (True, None)

    made = await batam.clear("o-cleared", **asked)
    assert (made.status_code, made.json()["stands"], made.json()["cleared_by"]) == (201, True, "desk-7")
    again = {"name": ["  WIRATAMA kusnadi"], "birthDate": ["1984-10-09"], "nationality": ["id"]}
    cleared = await batam.hit("o-cleared", **again)
    assert (cleared["match"], cleared["score"]) == (False, before["score"])
    assert cleared["clearance"] | {"id": "", "cleared_at": ""} == {
        "id": "",
        "cleared_at": "",
        "stands": True,
        "reason": "another birth place",
        "evidence": "family card 12",
    }
    assert (await other.hit("o-cleared", **asked))["match"] is True
    assert (await batam.hit("o-cleared", name="Wiratama Kusnadi"))["clearance"] is None

    await door.party("o-cleared", phone="+62 21 1", **asked)  # nothing that tells who somebody is
    assert (await batam.hit("o-cleared", **asked))["clearance"]["stands"] is True
    await door.tell("/v1/cases/o-new", a_case("o-cleared", "charged"))
    changed = await batam.hit("o-cleared", **asked)
    assert (changed["match"], changed["clearance"]["stands"]) == (True, False)
    (listed,) = (await batam.ask("GET", "/v1/screening/clearances")).json()["results"]
    assert (listed["party"], listed["stands"], "query" in listed) == ("o-cleared", False, False)

    assert (await batam.clear("o-cleared", **asked)).json()["stands"] is True  # judged anew, in place of the first
    (listed,) = (await batam.ask("GET", "/v1/screening/clearances")).json()["results"]
    path = f"/v1/screening/clearances/{listed['id']}"
    assert (await other.ask("DELETE", path)).status_code == 404
    assert (await batam.ask("DELETE", path)).status_code == 204
    assert (await batam.ask("DELETE", path)).status_code == 404
    assert (await batam.hit("o-cleared", **asked))["match"] is True


async def test_only_a_party_of_the_register_can_be_cleared_and_only_with_a_reason(door):
    office = Office(door, "Desk Batam")
    assert (await office.clear("nobody", name="A B")).status_code == 404
    body = {"query": {"schema": "Person", "properties": {"name": ["A B"]}}, "party": "nobody"}
    assert (await office.ask("POST", "/v1/screening/clearances", json=body)).status_code == 422


async def test_what_is_asked_is_not_kept_with_a_clearance(door):
    from sqlalchemy import select

    from services.registry.screening.office_tables import ClearanceRow

    await door.party("o-secret", name="Secretly Asked", **BORN)
    await Office(door, "Desk Batam").clear("o-secret", name="Secretly Asked", **BORN)
    async with door.client._transport.app.state.database.read() as session:
        rows = (await session.execute(select(ClearanceRow))).scalars()
        assert all("secretly" not in str(vars(row)).lower() for row in rows)


async def test_an_office_raises_its_bar_with_who_when_and_why(door):
    asked = {"name": "Lintang Prameswari", **BORN}
    await door.party("o-bar", name="Lintang Prameswary", **BORN)
    office, other = Office(door, "Desk Solo"), Office(door, "Desk Kediri")
    calibrated = (await office.ask("GET", "/v1/screening/thresholds")).json()
    assert (calibrated["in_force"]["version"], calibrated["in_force"]["threshold"]) == (0, 0.7)
    score = (await office.hit("o-bar", **asked))["score"]
    told = {"organisation": "Desk Solo", "threshold": 0.999, "cutoff": 0.5, "reason": "too many namesakes"}

    async def put(**change):
        path = "/v1/screening/thresholds"
        return await office.ask("POST", path, Purpose.REGISTER_MAINTENANCE, json=told | change)

    assert (await office.ask("POST", "/v1/screening/thresholds", json=told)).status_code == 403
    assert (await put(threshold=0.5)).status_code == 422
    assert (await put(cutoff=1.0)).status_code == 422
    assert (await put()).json()["version"] == 1
    answer = await office.screen(**asked)
    assert (answer["threshold"], answer["threshold_version"]) == (0.999, 1)
    assert score < 0.999
    assert (await office.hit("o-bar", **asked))["match"] is False
    assert (await office.screen("/match/default?threshold=0.7", **asked))["threshold"] == 0.999
    assert (await other.screen(**asked))["threshold_version"] == 0

    assert (await put(threshold=0.7, reason="back")).json()["version"] == 2
    history = (await other.ask("GET", "/v1/screening/thresholds", params={"organisation": "Desk Solo"})).json()
    assert [each["version"] for each in history["history"]] == [2, 1, 0]
    assert history["history"][1]["reason"] == "too many namesakes"
    assert history["history"][1]["set_by"] == "desk-7"
    foreign = Office(door, "Desk Solo", member="MYS")
    assert (await foreign.screen(**asked))["threshold_version"] == 0


async def test_every_value_shown_has_its_source(door):
    fact = {"property": "passportNumber", "value": "C7654321", "authority": "Immigration", "source": "Passport office"}
    body = {"schema": "Person", "properties": as_lists({"name": "Sekar Wulandari", **BORN}), "source": "Ministry"}
    await door.tell("/v1/parties/o-facts", body | {"facts": [fact]})
    office = Office(door, "Desk Batam")
    sure = await office.hit("o-facts", name="Sekar Wulandari", **BORN)
    sources = {item["property"]: (item["source"], item["authority"]) for item in sure["facts"]}
    assert sources["passportNumber"] == ("Passport office", "Immigration")
    assert sources["name"] == ("Ministry", None)
    assert {item["as_of"] for item in sure["facts"]} == {sure["last_change"]}
    alone = await office.hit("o-facts", name="Sekar Wulandari")
    assert {item["property"] for item in alone["facts"]} == {"name"}
    entity = (await office.ask("GET", "/entities/o-facts")).json()
    assert {item["property"] for item in entity["facts"]} == set(sources)


async def test_a_public_listing_debars_and_a_stopped_one_does_not(door):
    await listed(door, "o-listed")

    async def told():
        entity = (await door.get("/entities/o-listed")).json()
        adjacent = (await door.get("/entities/o-listed/adjacent/sanctions")).json()
        found = (await door.get("/search/default", q="Senarai o-listed", topics="debarment")).json()
        topics = {each["name"] for each in found["facets"]["topics"]["values"]}
        return "debarment" in entity["topics"], adjacent["total"]["value"], len(found["results"]), "debarment" in topics

    assert await told() == (True, 1, 1, True)
    (sanction,) = (await door.get("/entities/o-listed")).json()["properties"]["sanctions"]
    assert (sanction["schema"], sanction["properties"]["reason"]) == ("Sanction", ["forced_labour"])
    assert (await move(door, "o-listed", "suspend", 20)).status_code == 200
    assert await told() == (False, 0, 0, False)
