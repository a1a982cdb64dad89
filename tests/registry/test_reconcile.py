"""A client of the Reconciliation Service API 0.2, written from its text as OpenRefine's is, against the register."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.caller import Purpose
from tests.registry.door import a_case

pytestmark = pytest.mark.anyio

BORN = {"birthDate": "1979-06-11", "nationality": "TH"}
PUBLIC = "http://127.0.0.1:8000"


class ReconciliationClient:
    """Reads the manifest, and from then on goes only where the manifest says."""

    def __init__(self, door, address="/reconcile/default"):
        self.door = door
        self.address = address

    async def open(self):
        self.manifest = await self.get(self.address)
        assert "0.2" in self.manifest["versions"]
        return self

    async def get(self, path, **params):
        answer = await self.door.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, **fields):
        form = {name: json.dumps(value) for name, value in fields.items()}
        answer = await self.door.ask("POST", self.address, purpose=Purpose.LICENCE_CHECK, data=form)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def reconcile(self, **queries):
        found = await self.post(queries=queries)
        assert set(found) == set(queries)
        for answer in found.values():
            for candidate in answer["result"]:
                assert {"id", "name", "type", "score", "match", "features"} <= set(candidate)
                assert all({"id", "name"} <= set(kind) for kind in candidate["type"])
        return {name: answer["result"] for name, answer in found.items()}

    async def suggest(self, kind, prefix):
        told = self.manifest["suggest"][kind]
        path = (told["service_url"] + told["service_path"]).removeprefix(PUBLIC)
        return (await self.get(path, prefix=prefix))["result"]

    async def columns(self, type_):
        told = self.manifest["extend"]["propose_properties"]
        path = (told["service_url"] + told["service_path"]).removeprefix(PUBLIC)
        return [each["id"] for each in (await self.get(path, type=type_, limit=40))["properties"]]

    async def preview(self, party):
        path, _, query = self.manifest["preview"]["url"].removeprefix(PUBLIC).partition("?")
        assert query == "id={{id}}"
        return await self.door.get(path, id=party)


@pytest.fixture(scope="module")
async def client(door):
    await door.party("r-person", name="Duangjai Rattanakosin", idNumber="3100501234567", **BORN)
    await door.party("r-firm", "Company", name="Duangjai Recruitment Co., Ltd.", country="TH")
    await door.tell("/v1/cases/r-charged", a_case("r-firm", "charged"))
    return await ReconciliationClient(door).open()


async def test_the_manifest_says_where_everything_is(client):
    told = client.manifest
    assert {"name", "identifierSpace", "schemaSpace", "view", "preview", "suggest", "extend"} <= set(told)
    assert "{{id}}" in told["view"]["url"]
    assert "{{id}}" in told["preview"]["url"]
    assert {each["id"] for each in told["defaultTypes"]} >= {"Person", "Company"}
    assert told["authentication"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


async def test_cells_are_reconciled_a_name_alone_never_matches(client):
    born = [{"pid": "birthDate", "v": "1979-06-11"}, {"pid": "nationality", "v": {"id": "TH", "name": "Thailand"}}]
    found = await client.reconcile(
        sure={"query": "Duangjai Rattanakosin", "type": "Person", "properties": born},
        alone={"query": "Duangjai Rattanakosin", "type": ["Person"], "limit": 1, "type_strict": "should"},
        number={"query": "somebody", "properties": [{"pid": "idNumber", "v": ["3100501234567"]}]},
        nonsense={"query": "Duangjai", "properties": [{"pid": "shoe size", "v": 41}, {"pid": "country", "v": "Siam"}]},
        nobody={"query": "Zzyzx Qwertyuiop"},
    )
    assert (found["sure"][0]["id"], found["sure"][0]["match"]) == ("r-person", True)
    assert (found["alone"][0]["id"], found["alone"][0]["match"], len(found["alone"])) == ("r-person", False, 1)
    assert (found["number"][0]["id"], found["number"][0]["match"]) == ("r-person", True)
    assert not any(candidate["match"] for candidate in found["nonsense"])
    assert found["nobody"] == []
    assert "1979" not in json.dumps(found["alone"])


async def test_json_and_get_say_the_same_as_the_form(client, door):
    queries = {"q": {"query": "Duangjai Recruitment", "type": "Company"}}
    as_form = await client.post(queries=queries)
    as_json = await door.ask("POST", client.address, purpose=Purpose.LICENCE_CHECK, json={"queries": queries})
    as_get = await client.get(client.address, queries=json.dumps(queries))
    assert as_form == as_json.json() == as_get
    assert as_form["q"]["result"][0]["id"] == "r-firm"


async def test_suggestions(client):
    assert {each["id"] for each in await client.suggest("entity", "duangjai")} == {"r-person", "r-firm"}
    assert [each["id"] for each in await client.suggest("entity", "DUANGJAI REC")] == ["r-firm"]
    assert await client.suggest("entity", "d") == []
    assert await client.suggest("entity", "%") == await client.suggest("entity", "_uangjai") == []
    assert [each["id"] for each in await client.suggest("type", "pers")][:1] == ["LegalEntity"]
    assert {"birthDate", "birthPlace"} <= {each["id"] for each in await client.suggest("property", "birth")}


async def test_columns_are_added(client):
    assert {"name", "country", "status", "licences"} <= set(await client.columns("Company"))
    wanted = [{"id": name} for name in ("country", "status", "listings", "unheard of")]
    told = await client.post(extend={"ids": ["r-firm", "nobody"], "properties": wanted})
    assert [each["id"] for each in told["meta"]] == ["country", "status", "listings", "unheard of"]
    assert told["rows"]["r-firm"] == {
        "country": [{"str": "TH"}],
        "status": [{"str": "charged; not proven"}],
        "listings": [],
        "unheard of": [],
    }
    assert all(values == [] for values in told["rows"]["nobody"].values())


async def test_the_preview_is_harmless_html(client, door):
    await door.party("r-tag", "Company", name="<script>alert(1)</script> & Sons")
    page = await client.preview("r-tag")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "Not in the register" in (await client.preview("nobody")).text


async def test_what_was_overturned_is_nowhere(client, door):
    await door.party("r-clean", "Company", name="Melur Biru Agency", country="MY")

    async def everything():
        wanted = [{"id": name} for name in ("status", "topics", "listings")]
        return [
            await client.post(queries={"q": {"query": "Melur Biru Agency", "type": "Company"}}),
            await client.suggest("entity", "melur"),
            await client.post(extend={"ids": ["r-clean"], "properties": wanted}),
            (await client.preview("r-clean")).text,
        ]

    clean = await everything()
    await door.tell("/v1/cases/r-gone", a_case("r-clean", "convicted", final_on="2023-03-01", stage_on="2022-11-01"))
    assert await everything() != clean
    over = a_case("r-clean", "convicted", appeal="overturned", appeal_on="2024-05-05", stage_on="2022-11-01")
    await door.tell("/v1/cases/r-gone", over)
    assert await everything() == clean


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": {"queries": "{"}}, 422),
        ({"data": {"queries": '{"q": {}}'}}, 422),
        ({"data": {"queries": '{"q": {"query": ""}}'}}, 422),
        ({"data": {"queries": "{}", "extend": '{"ids": [], "properties": []}'}}, 422),
        ({"data": {}}, 422),
        ({"json": [1]}, 422),
        ({"json": {"queries": {f"q{n}": {"query": "x"} for n in range(51)}}}, 422),
        ({"content": b"\xff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 422),
    ],
)
async def test_what_cannot_be_asked(client, door, options, status):
    options.pop("headers", None)
    answer = await door.ask("POST", client.address, purpose=Purpose.LICENCE_CHECK, **options)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_another_members_part_can_be_reconciled_by_itself(client, door):
    theirs = await ReconciliationClient(door, "/reconcile/MYS").open()
    assert await theirs.suggest("entity", "duangjai") == []
    assert (await door.get("/reconcile/sanctions")).status_code == 404


TEXT = st.one_of(st.text(max_size=20), st.sampled_from(["\x00", "\ud800", "%00", "default", "Person", "=1+1"]))
VALUE = st.recursive(
    st.one_of(TEXT, st.integers(), st.floats(), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
QUERY = st.fixed_dictionaries(
    {"query": TEXT},
    optional={
        "type": VALUE,
        "limit": st.integers(-1, 10**20),
        "properties": st.lists(
            st.fixed_dictionaries({"pid": st.one_of(TEXT, st.sampled_from(["name", "country"])), "v": VALUE}),
            max_size=3,
        ),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(queries=st.dictionaries(TEXT, QUERY, max_size=2), extend=VALUE)
async def test_whatever_is_sent_gets_an_answer_or_a_problem(door, queries, extend):
    for body in ({"queries": queries}, {"extend": extend}, {"extend": {"ids": [extend], "properties": [{"id": "x"}]}}):
        content = json.dumps(body).encode()
        answer = await door.ask("POST", "/reconcile/default", purpose=Purpose.LICENCE_CHECK, content=content)
        assert answer.status_code in (200, 422), (body, answer.text)
        if answer.status_code == 422:
            assert answer.headers["content-type"] == "application/problem+json"
