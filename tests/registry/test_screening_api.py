"""Screening through the HTTP door: yente's shape, look-alikes told apart, due process in every answer."""

import pytest
from sqlalchemy import event

from services.registry.app import create_app
from shared.contracts.caller import Purpose
from tests.registry.door import a_case

pytestmark = pytest.mark.anyio

BORN = {"birthDate": "1975-03-02", "nationality": "MY"}


async def one(door, party_id, **properties):
    """The result for one party; None when it is not among the results."""
    return next((hit for hit in await door.screen(**properties) if hit["id"] == party_id), None)


async def test_the_answer_has_yentes_shape(door):
    await door.party("shape", name="Rosmah Binti Othman", **BORN)
    query = {"schema": "Person", "properties": {"name": "Rosmah Othman", "birthDate": ["1975-03-02"]}}
    body = {"queries": {"q1": query, "q2": query}, "weights": {}}
    answer = await door.ask("POST", "/match/default?limit=3", purpose=Purpose.LICENCE_CHECK, json=body)
    document = answer.json()
    assert {"responses", "matcher", "limit"} <= set(document)
    assert document["limit"] == 3
    assert document["responses"]["q1"] == document["responses"]["q2"]
    one_answer = document["responses"]["q1"]
    assert set(one_answer) == {"status", "results", "total", "query"}
    assert (one_answer["status"], one_answer["total"]) == (200, {"value": 1, "relation": "eq"})
    assert one_answer["query"]["properties"]["name"] == ["Rosmah Othman"]
    (hit,) = one_answer["results"]
    assert {"id", "caption", "schema", "properties", "datasets", "referents", "target", "score", "match"} <= set(hit)
    assert {"first_seen", "last_seen", "features"} <= set(hit)
    assert (hit["id"], hit["datasets"], hit["member"]) == ("shape", ["IDN"], "IDN")
    assert (hit["status"], hit["status_label"], hit["proven"], hit["target"]) == ("NONE", "no case", False, False)
    assert hit["cases"] == hit["licences"] == hit["links"] == []
    assert {"name", "birthDate"} <= set(hit["explanations"])
    assert set(hit["features"]) <= set(document["matcher"])


async def test_a_name_alone_never_identifies_a_person(door):
    await door.party("alone", name="Somchai Wongsuwan", birthDate="1980-01-01", nationality="TH")
    hit = await one(door, "alone", name="Somchai Wongsuwan")
    assert (hit["match"], hit["score"] >= 0.7) == (False, True)
    assert "a name alone does not identify" in " ".join(item["text"] for item in hit["reasons"])
    sure = await one(door, "alone", name="Somchai Wongsuwan", birthDate="1980-01-01", nationality="TH")
    assert sure["match"] is True


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("နီနီလွင်", "နုနုလွင်"),  # Ni Ni Lwin, Nu Nu Lwin
        ("Nguyễn Văn Hùng", "Nguyễn Văn Hưng"),
        ("Ni Ni Lwin", "Nu Nu Lwin"),
        ("Trần Thị Hạnh", "Trần Thị Hành"),
    ],
)
async def test_names_that_differ_in_a_mark_are_not_the_same_person(door, recorded, asked):
    await door.party("mark", name=recorded, birthDate="1988-08-08", nationality="MM")
    assert not any(hit["match"] for hit in await door.screen(name=asked, birthDate="1988-08-08", nationality="MM"))
    assert (await one(door, "mark", name=recorded, birthDate="1988-08-08", nationality="MM"))["match"]


async def test_the_same_common_name_with_another_birth_date_is_not_the_same_person(door):
    await door.party("common", name="Nurul Aisyah", birthDate="1990-05-05", nationality="ID")
    hit = await one(door, "common", name="Nurul Aisyah", birthDate="1999-11-20", nationality="ID")
    assert hit is None or hit["match"] is False


async def test_an_identifier_finds_a_party_under_another_name(door):
    await door.party("number", name="Maria Dela Cruz", passportNumber="P1234567A", nationality="PH")
    hit = await one(door, "number", name="Josefina Reyes", passportNumber="p-1234567a", nationality="PH")
    assert (hit["match"], hit["features"]["passportNumber"] > 0.9) == (True, True)
    assert (await one(door, "number", passportNumber="P1234567A"))["match"] is True


async def test_native_and_passport_spelling_find_the_same_party(door):
    await door.party("scripts", "Company", name="บริษัท จัดหางาน สยามทอง จำกัด", alias="Siam Thong Recruitment Co., Ltd.")
    assert await one(door, "scripts", schema="Company", name="Siam Thong Recruitment Company Limited")
    assert await one(door, "scripts", schema="Organization", name="สยามทอง จัดหางาน")
    assert not await one(door, "scripts", schema="Person", name="Siam Thong Recruitment")
    assert await one(door, "scripts", schema="LegalEntity", name="Siam Thong Recruitment")


async def test_a_licensed_agency_shows_the_director_convicted_elsewhere(door):
    await door.party("agency", "Company", name="Agensi Pekerjaan Cahaya Timur Sdn Bhd", country="MY", member="MYS")
    licence = {"party": "agency", "number": "JTK-88", "authority": "JTKSM", "status": "valid"}
    await door.tell("/v1/licences/agency-1", licence | {"valid_from": "2020-01-01"}, member="MYS")
    await door.party("director", name="Tan Boon Huat", member="SGP", **BORN)
    await door.tell("/v1/links/agency-director", {"from": "director", "to": "agency", "kind": "director"}, "MYS")
    conviction = a_case("director", "convicted", final_on="2022-02-02", court="State Courts")
    await door.tell("/v1/cases/director-1", conviction, member="SGP")

    hit = await one(door, "agency", schema="Company", name="Cahaya Timur Agensi Pekerjaan", country="MY")
    assert (hit["status"], hit["proven"], hit["target"]) == ("NONE", False, False)
    assert [(licence["number"], licence["status"]) for licence in hit["licences"]] == [("JTK-88", "valid")]
    (link,) = hit["links"]
    assert (link["kind"], link["direction"], link["status"], link["proven"]) == (
        *("director", "in", "CONVICTED_FINAL"),
        True,
    )
    assert link["party"] == {"id": "director", "caption": "Tan Boon Huat", "schema": "Person"}

    person = await one(door, "director", name="Tan Boon Huat", **BORN)
    assert (person["match"], person["status"], person["target"]) == (True, "CONVICTED_FINAL", True)
    (case,) = person["cases"]
    assert (case["court"], case["offences"], case["member"]) == ("State Courts", ["forced_labour"], "SGP")
    assert [(link["direction"], link["status"]) for link in person["links"]] == [("out", "NONE")]

    ended = {"from": "director", "to": "agency", "kind": "director", "until": "2021-01-01"}
    await door.tell("/v1/links/agency-director", ended, "MYS")
    assert (await one(door, "agency", schema="Company", name="Cahaya Timur Agensi Pekerjaan"))["links"] == []


async def test_a_case_from_report_to_final_judgment(door):
    await door.party("accused", name="Sok Chanthou", **BORN)
    expected = [
        ("reported", "ALLEGED"),
        ("under_investigation", "ALLEGED"),
        ("charged", "CHARGED"),
        ("on_trial", "CHARGED"),
        ("convicted", "CONVICTED_APPEALABLE"),
    ]
    for stage, status in expected:
        told = await door.tell("/v1/cases/accused-1", a_case("accused", stage))
        assert (told["status"], told["proven"]) == (status, False)
        hit = await one(door, "accused", name="Sok Chanthou", **BORN)
        assert (hit["status"], hit["proven"], hit["target"]) == (status, False, False)
        assert "not proven" in hit["status_label"]
        assert "not proven" in hit["cases"][0]["label"]
    back = await door.put("/v1/cases/accused-1", a_case("accused", "charged"))
    assert (back.status_code, back.json()["type"]) == (409, "urn:lindung:problem:illegal-transition")
    final = a_case("accused", "convicted", final_on="2024-01-01")
    assert (await door.tell("/v1/cases/accused-1", final))["proven"] is True
    hit = await one(door, "accused", name="Sok Chanthou", **BORN)
    assert (hit["status"], hit["proven"], "not proven" in hit["status_label"]) == ("CONVICTED_FINAL", True, False)


@pytest.mark.parametrize(
    ("number", "before", "after"),
    [
        (1, {"stage": "convicted", "final_on": "2022-01-01"}, {"stage": "convicted", "appeal": "overturned"}),
        (2, {"stage": "on_trial"}, {"stage": "acquitted"}),
        (3, {"stage": "charged"}, {"stage": "dismissed"}),
        (4, {"stage": "reported"}, {"stage": "withdrawn"}),
    ],
)
async def test_what_fell_away_leaves_no_trace(door, number, before, after):
    name = ["Phailin Vongdara", "Kyaw Zin Htet", "Lim Siew Ling", "Bounmy Sisavath"][number - 1]
    party, case = f"cleared-{number}", f"cleared-case-{number}"
    await door.party(party, name=name, **BORN)
    clean = await one(door, party, name=name, **BORN)
    await door.tell(f"/v1/cases/{case}", a_case(party, **before))
    assert (await one(door, party, name=name, **BORN))["status"] != "NONE"
    await door.tell(f"/v1/cases/{case}", a_case(party, **after))
    assert await one(door, party, name=name, **BORN) == clean
    assert case not in (await door.get("/search/default", q=name)).text


async def test_the_gravest_case_speaks_for_the_party(door):
    await door.party("several", name="Vilayvanh Keomany", **BORN)
    for number, stage in enumerate(["reported", "charged", "dismissed"]):
        await door.tell(f"/v1/cases/several-{number}", a_case("several", stage))
    hit = await one(door, "several", name="Vilayvanh Keomany", **BORN)
    assert hit["status"] == "CHARGED"
    assert [case["status"] for case in hit["cases"]] == ["CHARGED", "ALLEGED"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"appeal": "pending", "stage": "charged"},
        {"final_on": "2024-01-01", "stage": "on_trial"},
        {"final_on": "2024-01-01", "stage": "convicted", "appeal": "pending"},
        {"final_on": "2020-01-01", "stage": "convicted"},
        {"offences": ["piracy"]},
        {"offences": []},
        {"party": "not-there"},
    ],
)
async def test_a_case_that_cannot_be_is_refused(door, wrong):
    await door.party("refused", name="Refused Case")
    answer = await door.put("/v1/cases/refused", a_case("refused", "reported") | wrong)
    assert answer.status_code == 422


async def test_a_case_stays_with_its_party_and_its_member(door):
    await door.party("case-one", name="Case One")
    await door.party("case-two", name="Case Two")
    await door.tell("/v1/cases/stays", a_case("case-one", "reported"))
    assert (await door.put("/v1/cases/stays", a_case("case-two", "reported"))).status_code == 409
    assert (await door.put("/v1/cases/stays", a_case("case-one", "withdrawn"), member="VNM")).status_code == 403
    again = a_case("case-one", "reported", offences=["wage_theft", "forced_labour"])
    assert (await door.tell("/v1/cases/stays", again))["version"] == 2
    again["offences"] = ["forced_labour", "wage_theft", "wage_theft"]
    assert (await door.tell("/v1/cases/stays", again))["version"] == 2


async def test_search_by_words(door):
    await door.party("words", "Company", name="Kanlaya Seafood Processing")
    answer = (await door.get("/search/default", q="kanlaya seafood", schema="Company", limit=5)).json()
    assert [hit["id"] for hit in answer["results"]] == ["words"]
    assert (answer["total"]["value"], answer["limit"], answer["results"][0]["match"]) == (1, 5, False)
    assert (await door.get("/search/default", q="kanlaya seafood", schema="Person")).json()["results"] == []
    assert (await door.get("/search/default", q="   ")).status_code == 422
    assert (await door.get("/search/other", q="x")).status_code == 404


QUERY = {"schema": "Person", "properties": {"name": ["Anyone"]}}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/match/sanctions", {"queries": {"q": QUERY}}, 404),
        ("/match/default?limit=51", {"queries": {"q": QUERY}}, 422),
        ("/match/default?threshold=nan", {"queries": {"q": QUERY}}, 422),
        ("/match/default", {"queries": {}}, 422),
        ("/match/default", {"queries": {f"q{i}": QUERY for i in range(101)}}, 422),
        ("/match/default", {"queries": {"q": QUERY | {"schema": "Vessel"}}}, 422),
        ("/match/default", {"queries": {"q": {"schema": "Person", "properties": {"birthDate": ["1990"]}}}}, 422),
        ("/match/default", {"queries": {"q": {"schema": "Person", "properties": {"nom": ["A"]}}}}, 422),
        ("/match/default", {"queries": {"q": {"schema": "Person", "properties": {"name": ["A"] * 11}}}}, 422),
        ("/match/default", {"queries": {"q": {"schema": "Person", "properties": {"name": [{"id": "x"}]}}}}, 422),
    ],
)
async def test_what_cannot_be_asked(door, path, body, status):
    answer = await door.ask("POST", path, purpose=Purpose.EMPLOYER_SCREENING, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "!!! ---"},
        {"name": "٣٣٣"},
        {"name": "名"},
        {"name": "x" * 500},
        {"name": "Anyone", "birthDate": "not known"},
        {"idNumber": "??"},
    ],
)
async def test_odd_questions_get_an_answer(door, properties):
    assert isinstance(await door.screen(**properties), list)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"queries": {"\\ud800": {"schema": "Person", "properties": {"name": ["A"]}}}}',
        b'{"queries": {"q": {"schema": "Person", "properties": {"\\ud800": ["A"]}}}}',
        b'{"queries": {"q": {"schema": "\\ud800", "properties": {"name": ["\\ud800"]}}}}',
        b'{"queries": {"q": {"id": "\\u0000", "schema": "Person", "properties": {"name": ["A"]}}}}',
        b"{",
    ],
)
async def test_broken_text_is_refused(door, raw):
    answer = await door.ask("POST", "/match/default", purpose=Purpose.EMPLOYER_SCREENING, content=raw)
    assert answer.status_code == 422


async def test_a_raised_threshold_takes_matches_away_and_a_low_one_makes_none(door):
    await door.party("bar", name="Duangjai Srisuk", birthDate="1981-02-03", nationality="TH")
    asked = {"name": ["Duangjai Srisukh"], "birthDate": ["1981-02-03"], "nationality": ["TH"]}

    async def ask(threshold, **properties):
        body = {"queries": {"q": {"schema": "Person", "properties": properties}}}
        path = f"/match/default?threshold={threshold}&cutoff=0.3"
        answer = await door.ask("POST", path, purpose=Purpose.EMPLOYER_SCREENING, json=body)
        return [hit["match"] for hit in answer.json()["responses"]["q"]["results"] if hit["id"] == "bar"]

    assert await ask(0.7, **asked) == [True]
    assert await ask(1.0, **asked) == [False]
    assert await ask(0.0, name=["Duangjai Srisuk"]) == [False]


async def test_an_investigation_needs_its_case(door):
    body = {"queries": {"q": QUERY}}
    answer = await door.ask("POST", "/match/default", purpose=Purpose.CRIMINAL_INVESTIGATION, json=body)
    assert answer.status_code == 200
    answer = await door.ask("POST", "/match/default", purpose=Purpose.WORKER_REGISTRATION, json=body)
    assert answer.status_code == 403


async def test_the_number_of_statements_does_not_grow_with_the_hits(door):
    """Forty results with cases and links cost as many statements as one."""
    app = door.client._transport.app
    for number in range(20):
        await door.party(f"many-{number}", "Company", name=f"Melati Jaya Perdana {number}", country="ID")
        await door.party(f"many-owner-{number}", name=f"Melati Owner {number}")
        link = {"from": f"many-owner-{number}", "to": f"many-{number}", "kind": "owner"}
        await door.tell(f"/v1/links/many-{number}", link)
        await door.tell(f"/v1/cases/many-{number}", a_case(f"many-owner-{number}", "charged"))
    statements = []
    engine = app.state.database.engine.sync_engine

    def count(_connection, _cursor, statement, *_rest):
        beside = ("_jobs", "registry_history", "registry_watches")  # the runners and the watches look meanwhile
        if not statement.startswith("BEGIN") and not any(table in statement for table in beside):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        counts = []
        for limit in (1, 20):
            statements.clear()
            queries = {f"q{i}": {"schema": "Company", "properties": {"name": ["Melati Jaya"]}} for i in range(limit)}
            path = f"/match/default?limit={limit}&cutoff=0.1"
            answer = await door.ask("POST", path, purpose=Purpose.LICENCE_CHECK, json={"queries": queries})
            assert len(answer.json()["responses"]["q0"]["results"]) == limit
            assert all(hit["links"][0]["status"] == "CHARGED" for hit in answer.json()["responses"]["q0"]["results"])
            counts.append(len(statements))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert counts[0] == counts[1]


def test_the_api_describes_itself(deployment):
    described = create_app(deployment).openapi()
    assert {"/match/{dataset}", "/search/{dataset}", "/v1/parties/{party_id}"} <= set(described["paths"])
