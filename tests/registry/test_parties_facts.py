"""What is known of single values, and parties as they were on one day by what was known on another."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.registry.bitemporal import covers, holding, told_before
from services.registry.history import HistoryRow
from services.registry.parties.facts import birth_values, effective_properties, known_facts
from services.registry.parties.identifiers import validate
from services.registry.parties.scripts import script_of
from shared.contracts.caller import Caller, Purpose
from shared.contracts.facts import BirthInterval
from shared.contracts.parties import PartyBody
from shared.db.database import Database

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    ("written", "script"),
    [
        ("Ni Ni Lwin", "Latn"),
        ("นารีธานี", "Thai"),
        ("ທອງສຸກ", "Laoo"),
        ("ទេព សំណាង", "Khmr"),
        ("နီနီလွင်", "Mymr"),
        ("陈大文", "Hani"),
        ("محمد رسلان", "Arab"),
        ("கண்ணன்", "Taml"),
        ("Nguyễn Văn Hùng", "Latn"),
        ("123 - 4", "Zyyy"),
        ("ⲀⲂ", "Zzzz"),
        ("บริษัท Siam จำกัด", "Thai"),
    ],
)
def test_the_script_of_most_letters(written, script):
    assert script_of(written) == script


@pytest.mark.parametrize(
    ("name", "country", "value", "expected"),
    [
        ("leiCode", None, "213800KUD8LAJWSQ9D15", "valid"),
        ("leiCode", "sg", "213800KUD8LXJWSQ9D15", "invalid"),
        ("registrationNumber", "sg", "00192200M", "valid"),
        ("registrationNumber", "SG", "00192200N", "invalid"),
        ("idNumber", "my", "770305-02-1234", "valid"),
        ("idNumber", "my", "771305-02-1234", "invalid"),
        ("idNumber", "ph", "whatever 1", "unvalidated"),
        ("idNumber", None, "770305-02-1234", "unvalidated"),
        ("licenseNumber", "my", "JTK-88", "unvalidated"),
        ("passportDigest", None, "ab" * 32, "valid"),
    ],
)
def test_numbers_are_validated_where_their_rule_is_known(name, country, value, expected):
    assert validate(name, country, value) == expected


def body(**more) -> PartyBody:
    plain = {"schema": "Person", "properties": {"name": ["Ni Ni Lwin"], "nationality": ["mm"]}, "source": "Register"}
    return PartyBody.model_validate(plain | more)


def test_both_spellings_are_kept_with_their_script_and_source():
    native = {"property": "name", "value": "နီနီလွင်", "spelling": "native", "source": "Household list"}
    facts = {fact.value: fact for fact in known_facts(body(facts=[native], authority="Immigration office"))}
    assert (facts["Ni Ni Lwin"].script, facts["Ni Ni Lwin"].source) == ("Latn", "Register")
    assert facts["Ni Ni Lwin"].authority == "Immigration office"
    assert (facts["နီနီလွင်"].script, facts["နီနီလွင်"].spelling) == ("Mymr", "native")
    assert facts["နီနီလွင်"].source == "Household list"
    assert effective_properties(body(facts=[native]), TODAY)["name"] == ["Ni Ni Lwin", "နီနီလွင်"]


def test_a_fact_counts_on_the_days_that_it_speaks_of():
    facts = [
        {"property": "name", "value": "Ma Ni Ni", "valid_to": "2010-01-01"},
        {"property": "address", "value": "Yangon", "valid_from": "2015-01-01", "valid_to": "2020-01-01"},
        {"property": "passportNumber", "value": "MA123456", "valid_to": "2019-01-01"},
        {"property": "passportDigest", "value": "ab" * 32},
    ]
    today = effective_properties(body(facts=facts), TODAY)
    assert today["name"] == ["Ni Ni Lwin"]
    assert today["previousName"] == ["Ma Ni Ni"]
    assert today["passportNumber"] == ["MA123456"]
    assert "address" not in today
    assert "passportDigest" not in today
    assert effective_properties(body(facts=facts), date(2016, 1, 1))["address"] == ["Yangon"]
    assert "Ma Ni Ni" in effective_properties(body(facts=facts), date(2009, 1, 1))["name"]


@pytest.mark.parametrize(
    ("earliest", "latest", "values"),
    [
        ("1980-02-03", "1980-02-03", ["1980-02-03"]),
        ("1980-02-01", "1980-02-28", ["1980-02"]),
        ("1980-01-01", "1980-12-31", ["1980"]),
        ("1979-06-01", "1981-05-31", ["1979", "1980", "1981"]),
        ("1960-01-01", "1980-12-31", []),
    ],
)
def test_a_birth_date_is_an_interval(earliest, latest, values):
    born = {"earliest": earliest, "latest": latest}
    assert birth_values(BirthInterval.model_validate(born)) == values
    assert effective_properties(body(born=born), TODAY).get("birthDate", []) == values


@pytest.mark.parametrize(
    "wrong",
    [
        {"born": {"earliest": "1980-01-02", "latest": "1980-01-01"}},
        {"schema": "Company", "born": {"earliest": "1980-01-01", "latest": "1980-01-01"}},
        {"facts": [{"property": "shoeSize", "value": "44"}]},
        {"facts": [{"property": "gender", "value": "F"}]},
        {"facts": [{"property": "birthDate", "value": "1980-13"}]},
        {"facts": [{"property": "nationality", "value": "Burma"}]},
        {"facts": [{"property": "passportDigest", "value": "MA123456"}]},
        {"facts": [{"property": "name", "value": "X", "scheme": "NRC"}]},
        {"facts": [{"property": "name", "value": "X", "valid_from": "2020-01-01", "valid_to": "2019-01-01"}]},
        {"document_digest": "abc"},
        {"valid_from": "2020-01-01", "valid_to": "2019-01-01"},
    ],
)
def test_what_cannot_be_is_not_taken(wrong):
    with pytest.raises(ValueError, match=r".+"):
        body(**({"properties": {"name": ["X"]}} if "schema" in wrong else {}), **wrong)


@st.composite
def statement(draw: st.DrawFn) -> HistoryRow:
    begin = draw(st.none() | st.integers(700_000, 740_000))
    end = draw(st.none() | st.integers(begin or 700_000, 742_000))
    return HistoryRow(
        valid_from=begin and date.fromordinal(begin),
        valid_to=end and date.fromordinal(end),
    )


statements = st.lists(statement(), max_size=6)


@given(statements, st.integers(699_000, 743_000))
def test_of_the_statements_about_a_day_the_last_one_holds(told, ordinal):
    on = date.fromordinal(ordinal)
    found = holding(told, on)
    speaking = [each for each in told if covers(each, on)]
    assert found is (speaking[-1] if speaking else None)


def test_known_on_a_day_is_what_was_told_before_the_next():
    assert told_before(date(2024, 2, 28)).isoformat() == "2024-02-29T00:00:00+00:00"
    assert told_before(date.max).year == 9999


# --- through the door ---------------------------------------------------------------------------------------------


def company(name: str, **more) -> dict:
    return {"schema": "Company", "source": "Register", "properties": {"name": [name], "country": ["sg"]}} | more


async def told_back(deployment, record: str, version: int, day: str) -> None:
    """Let a version have been told on another day, as if the clock had been there."""
    database = Database(deployment.database_url("registry"))
    async with database.write() as session:
        query = text("UPDATE registry_history SET told_at = :day WHERE record = :record AND version = :version")
        instant = date.fromisoformat(day).isoformat() + " 12:00:00+00:00"
        await session.execute(query, {"day": instant, "record": record, "version": version})
    await database.close()


@pytest.mark.anyio
async def test_a_party_as_it_was_on_a_day_and_as_was_known_on_another(door, deployment):
    await door.tell("/v1/parties/bi", company("Old Name", valid_from="2010-01-01"))
    await door.tell("/v1/parties/bi", company("New Name", valid_from="2020-01-01"))
    for version, day in ((1, "2015-05-05"), (2, "2021-05-05")):
        await told_back(deployment, "bi", version, day)

    async def caption(**days):
        answer = await door.get("/v1/parties/bi", **days)
        return answer.json()["caption"] if answer.status_code == 200 else answer.status_code

    assert await caption() == "New Name"
    assert await caption(valid_on="2019-12-31") == "Old Name"
    assert await caption(valid_on="2020-01-01") == "New Name"
    assert await caption(valid_on="2020-01-01", known_on="2021-05-04") == "Old Name"
    assert await caption(valid_on="2020-01-01", known_on="2021-05-05") == "New Name"
    assert await caption(valid_on="2009-12-31") == 404
    assert await caption(known_on="2014-01-01") == 404
    page = (await door.get("/v1/parties/bi/history", limit=1)).json()
    assert (page["results"][0]["valid_from"], page["next"]) == ("2010-01-01", 1)
    page = (await door.get("/v1/parties/bi/history", limit=1, cursor=page["next"])).json()
    assert (page["results"][0]["version"], page["next"]) == (2, None)
    assert (await door.get("/v1/parties/never/history")).status_code == 404


@pytest.mark.anyio
async def test_the_past_told_later_leaves_today_as_it_is(door):
    await door.tell("/v1/parties/past", company("Today Trading"))
    told = await door.tell(
        "/v1/parties/past", company("Before Trading", valid_from="2001-01-01", valid_to="2005-12-31")
    )
    assert (told["caption"], told["version"]) == ("Today Trading", 2)
    assert (await door.get("/v1/parties/past", valid_on="2003-01-01")).json()["caption"] == "Before Trading"
    again = await door.tell("/v1/parties/past", company("Today Trading"))
    assert again["version"] == 2
    to_come = await door.put("/v1/parties/past", company("To Come", valid_from="2999-01-01"))
    assert (to_come.status_code, to_come.json()["type"]) == (422, "urn:lindung:problem:day-to-come")


@pytest.mark.anyio
async def test_facts_come_back_with_what_is_known_of_them(door):
    number = {"property": "registrationNumber", "value": "00192200M", "country": "sg", "scheme": "UEN"}
    told = await door.tell(
        "/v1/parties/facts",
        company("Facts Pte Ltd", facts=[number | {"document_digest": "ab" * 32}], authority="ACRA"),
    )
    facts = {fact["value"]: fact for fact in told["facts"]}
    assert (facts["00192200M"]["validation"], facts["00192200M"]["scheme"]) == ("valid", "UEN")
    assert (facts["Facts Pte Ltd"]["authority"], facts["Facts Pte Ltd"]["script"]) == ("ACRA", "Latn")
    assert told["properties"]["registrationNumber"] == ["00192200M"]
    assert [hit["id"] for hit in await door.screen("Company", registrationNumber="00192200M")] == ["facts"]
    assert (await door.get("/v1/parties/facts")).json() == told
    assert (await door.tell("/v1/parties/facts", company("Facts Pte Ltd")))["version"] == 2


@pytest.mark.anyio
async def test_a_damaged_row_is_marked_and_does_not_fail_its_page(door, deployment):
    for number in range(4):
        await door.party(f"damaged-{number}", "Company", name=f"Rusak Berat {number}")
    database = Database(deployment.database_url("registry"))
    sqlite = database.url.get_backend_name() == "sqlite"
    properties = "{not json" if sqlite else '["not", "a", "party"]'
    async with database.write() as session:
        query = text("UPDATE registry_parties SET properties = :bad WHERE id = 'damaged-1'")
        await session.execute(query, {"bad": properties})
        await session.execute(text("UPDATE registry_parties SET schema = 'Vessel' WHERE id = 'damaged-2'"))
    await database.close()
    page = (await door.get("/v1/parties", name="Rusak Berat")).json()
    assert [party["id"] for party in page["results"]] == ["damaged-0", "damaged-3"]
    assert page["damaged"] == ["damaged-1", "damaged-2"]
    small = (await door.get("/v1/parties", name="Rusak Berat", limit=2)).json()
    assert (small["damaged"], small["next"]) == (["damaged-1"], "damaged-1")
    table = await read_csv(door, "/v1/parties", name="Rusak Berat")
    assert [row.split(",")[0] for row in table.splitlines()] == ["id", *(f"damaged-{n}" for n in (0, 3, 1, 2))]
    if sqlite:
        return
    await door.party("damaged-1", "Company", name="Rusak Berat 1")  # told anew, it is mended
    assert "damaged-1" not in (await door.get("/v1/parties", name="Rusak Berat")).json()["damaged"]


async def read_csv(door, path: str, **params) -> str:
    caller = Caller(client_id="desk", organisation="Office", member="IDN", purpose=Purpose.LABOUR_INSPECTION)
    headers = {"Authorization": f"Bearer {door.signer.sign(caller, 'registry')}", "Accept": "text/csv"}
    answer = await door.client.get(path, headers=headers, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return answer.text


@pytest.mark.anyio
async def test_a_list_as_csv_is_paged_by_a_link_and_holds_no_formula(door):
    await door.party("csv-1", "Company", name='=HYPERLINK("x")', alias=["Dua, Tiga", "Empat"])
    await door.party("csv-2", "Company", name='=HYPERLINK("y")')
    caller = Caller(client_id="desk", organisation="Office", member="IDN", purpose=Purpose.LABOUR_INSPECTION)
    headers = {"Authorization": f"Bearer {door.signer.sign(caller, 'registry')}", "Accept": "text/csv"}
    answer = await door.client.get("/v1/parties", headers=headers, params={"name": "HYPERLINK", "limit": 1})
    assert answer.headers["link"] == '</v1/parties?name=HYPERLINK&limit=1&cursor=csv-1>; rel="next"'
    assert "'=HYPERLINK" in answer.text
    assert "csv-2" not in answer.text


@pytest.mark.anyio
async def test_links_as_they_were_on_a_day(door, deployment):
    for name in ("link-old", "link-new", "link-boss"):
        await door.party(name, "Company", name=f"{name} Sdn Bhd")
    phoenix = {"from": "link-new", "to": "link-old", "kind": "successor", "since": "2020-01-01", "source": "Registrar"}
    owner = {"from": "link-boss", "to": "link-old", "kind": "owner", "since": "2010-01-01", "until": "2019-12-31"}
    await door.tell("/v1/links/phoenix", phoenix)
    await door.tell("/v1/links/owned", owner)

    async def kinds(**days):
        links = (await door.get("/v1/parties/link-old/links", **days)).json()["links"]
        return [(link["kind"], link["from"]) for link in links]

    assert await kinds() == [("successor", "link-new")]
    assert await kinds(valid_on="2015-01-01") == [("owner", "link-boss")]
    assert await kinds(valid_on="2015-01-01", known_on="2000-01-01") == []
    assert (await door.get("/v1/links/owned")).json()["until"] == "2019-12-31"
    assert (await door.get("/v1/links/owned", known_on="2000-01-01")).status_code == 404
    assert (await door.put("/v1/links/owned", owner | {"from": "link-new"})).status_code == 409
    await door.tell("/v1/links/owned", owner | {"retracted": "wrong_party"})
    assert await kinds(valid_on="2015-01-01") == []
    history = (await door.get("/v1/links/owned/history")).json()["results"]
    assert [version["correction"] for version in history] == [None, "wrong_party"]


@pytest.mark.anyio
async def test_family_is_only_recorded_where_a_source_says_so(door):
    await door.party("kin-1", name="Kin One")
    await door.party("kin-2", name="Kin Two")
    link = {"from": "kin-1", "to": "kin-2", "kind": "family"}
    assert (await door.put("/v1/links/kin", link)).status_code == 422
    assert (await door.put("/v1/links/kin", link | {"source": "Judgment 12/2020"})).status_code == 201
