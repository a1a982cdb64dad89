"""The client of yente from PyPI, unchanged, against a real server: every call that it has for a yente of one's own."""

import json

import anyio
import httpx
import pytest
from yente_client import (
    AsyncClient,
    AuthenticationError,
    BadRequestError,
    Client,
    Company,
    NotFoundError,
    Person,
)

from tests.registry.door import a_case
from tests.registry.loopback import serving

BORN = {"birthDate": "1975-03-02", "nationality": "MY"}


@pytest.fixture(scope="module")
def served(deployment):
    with serving(deployment) as running:
        running.party("y-rosmah", "Person", name="Rosmah Binti Othman", passportNumber="A12345678", **BORN)
        running.party("y-agency", "Company", name="Sinar Rembulan Agency Sdn Bhd", country="my")
        running.party("y-agency-2", "Company", name="Sinar Rembulan Recruitment", country="id")
        running.party("y-body", "PublicBody", name="Sinar Rembulan Office", country="my")
        running.tell("/v1/links/y-owns", {"from": "y-rosmah", "to": "y-agency", "kind": "owner", "since": "2020-01-01"})
        running.tell("/v1/links/y-next", {"from": "y-agency-2", "to": "y-agency", "kind": "successor"})
        licence = {"party": "y-agency", "number": "L-77", "authority": "Labour office", "status": "valid"}
        running.tell("/v1/licences/y-licence", licence | {"national_code": "Sah", "valid_from": "2020-01-01"})
        final = {"final_on": "2023-03-01", "stage_on": "2022-11-01"}
        running.tell("/v1/cases/y-case", a_case("y-agency", "convicted", **final))
        yield running


@pytest.fixture
def client(served):
    with Client(base_url=served.url, headers=served.headers(), timeout=60) as made:
        yield made


def test_it_is_alive_and_says_what_can_be_asked(client):
    assert (client.healthz().status, client.readyz().status) == ("ok", "ok")
    found = {dataset.name: dataset for dataset in client.datasets().datasets}
    assert set(found) == {"default", "IDN"}
    assert (found["default"].children, found["default"].entity_count, found["IDN"].index_current) == (["IDN"], 4, True)
    told = client.algorithms()
    assert (told.default, told.best) == (told.algorithms[0].name, told.algorithms[0].name)
    assert "name" in told.algorithms[0].docs


def test_match_identifies_with_reasons(client):
    found = client.match(Person(name=["Rosmah Othman"], birthDate=["1975-03-02"], nationality=["MY"]))
    assert (found.top.id, found.top.match, found.matches[0].id) == ("y-rosmah", True, "y-rosmah")
    assert {"name", "birthDate"} <= set(found.top.contributing_explanations)
    assert found.top.properties["passportNumber"] == ["A12345678"]
    assert (found.query["schema"], found.total.value) == ("Person", 1)


def test_a_name_alone_identifies_nobody_and_shows_nothing_but_names(client):
    found = client.match(Person(name=["Rosmah Binti Othman"]), threshold=0.0)
    assert (found.top.id, found.top.match, set(found.top.properties)) == ("y-rosmah", False, {"name"})
    assert "alone does not identify" in found.top.explanations["name"].detail


def test_what_match_is_narrowed_by(client):
    agency = Company(name=["Sinar Rembulan Agency"])

    def ids(**narrowed):
        return {hit.id for hit in client.match(agency, cutoff=0.3, limit=20, **narrowed).results}

    every = {"y-agency", "y-agency-2", "y-body"}
    assert ids() == ids(algorithm="best") == ids(datasets=["default", "IDN"]) == ids(datasets=["IDN"]) == every
    assert ids(exclude_entities=["y-agency"]) == every - {"y-agency"}
    assert ids(exclude_schemata=["PublicBody"]) == every - {"y-body"}
    assert ids(exclude_datasets=["IDN"]) == ids(datasets=["THA"]) == ids(changed_since="2999-01-01") == set()
    assert ids(changed_since="2020-01-01") == every
    assert ids(topics=["forced.labor"]) == {"y-agency"}
    assert ids(topics=["sanction"]) == set()
    assert len(client.match(agency, cutoff=0.3, limit=1).results) == 1
    assert client.match(agency, cutoff=1.0).results == []


def test_many_at_once(client):
    asked = [(f"q{number}", Company(name=["Sinar Rembulan Agency"], country=["my"])) for number in range(6)]
    assert {key: answer.top.id for key, answer in client.match_iter(asked)} == {key: "y-agency" for key, _ in asked}


def test_search_filters_sorts_counts_and_pages(client):
    found = client.search("sinar rembulan", schema="Thing", sort=["caption:desc"], facets=["countries", "schema"])
    assert [hit.id for hit in found.results] == ["y-agency-2", "y-body", "y-agency"]
    assert {item.name: item.count for item in found.facets["countries"].values} == {"my": 2, "id": 1}
    assert {item.name: item.count for item in found.facets["schema"].values} == {"Company": 2, "PublicBody": 1}
    page = client.search("sinar rembulan", sort=["caption:desc"], limit=1, offset=1)
    assert ([hit.id for hit in page.results], page.total.value, page.offset) == (["y-body"], 3, 1)
    assert [hit.id for hit in client.search("sinar rembulan", countries=["ID"]).results] == ["y-agency-2"]
    assert [hit.id for hit in client.search("sinar rembulan", filter=["country:id"]).results] == ["y-agency-2"]
    assert {hit.id for hit in client.search("sinar rembulan", schema="Company", fuzzy=True).results} == {
        *("y-agency", "y-agency-2")
    }
    topics = client.search("sinar rembulan", facets=["topics"]).facets["topics"]
    assert {item.name for item in topics.values} == {"crime", "forced.labor"}
    assert client.search("rosmah othman", facets=["countries"]).facets["countries"].values == []


def test_an_entity_and_what_is_adjacent(client):
    agency = client.fetch("y-agency")
    assert (agency.schema_, agency.target, agency.datasets) == ("Company", True, ["IDN"])
    (ownership,) = agency.properties["ownershipAsset"]
    assert (ownership.schema_, ownership.properties["owner"][0].id) == ("Ownership", "y-rosmah")
    assert set(ownership.properties["owner"][0].properties) == {"name"}
    assert "ownershipAsset" not in client.fetch("y-agency", nested=False).properties
    adjacent = client.adjacent("y-agency")
    assert set(adjacent.adjacent) == {"ownershipAsset", "successors"}
    assert adjacent.adjacent["ownershipAsset"].total.value == 1
    one = client.adjacent("y-agency", prop="successors", limit=1)
    assert one.results[0].properties["successor"][0].id == "y-agency-2"
    assert client.adjacent("y-agency", prop="successors", offset=1).results == []
    assert client.adjacent("y-rosmah", prop="ownershipAsset").results == []


def test_what_is_wrong_is_told_in_the_clients_own_errors(client, served):
    with pytest.raises(NotFoundError):
        client.fetch("nobody")
    with pytest.raises(NotFoundError):
        client.match(Person(name=["A B"]), datasets=["sanctions"])
    with pytest.raises(NotFoundError):
        client.adjacent("y-agency", prop="nothing")
    with pytest.raises(BadRequestError, match="lindung"):
        client.match(Person(name=["A B"]), algorithm="logic-v2")
    with pytest.raises(BadRequestError, match="caption"):
        client.search("sinar", sort=["luck"])
    with Client(base_url=served.url) as nobody, pytest.raises(AuthenticationError):
        nobody.match(Person(name=["A B"]))
    with Client(base_url=served.url, api_key="x") as key, pytest.raises(AuthenticationError):
        key.match(Person(name=["A B"]))


def test_the_async_client_too(served):
    headers = served.headers()

    async def ask():
        async with AsyncClient(base_url=served.url, headers=headers) as client:
            return await client.match(Person(passportNumber=["A12345678"]))

    assert anyio.run(ask).top.id == "y-rosmah"


def test_what_yente_lacks_passes_the_gateway_too(served):
    headers = served.headers()
    with httpx.Client(base_url=served.url, headers=headers, timeout=60) as office:
        form = {"extend": json.dumps({"ids": ["y-agency"], "properties": [{"id": "licences"}]})}
        columns = office.post("/reconcile/default", data=form).json()
        assert columns["rows"] == {"y-agency": {"licences": [{"str": "L-77: valid"}]}}
        assert "Sinar Rembulan" in office.get("/reconcile/default/preview", params={"id": "y-agency"}).text

        table = {"Content-Type": "text/csv"}
        opened = office.post("/v1/screening/batches", content="name\nSinar Rembulan Agency\n", headers=table)
        assert (opened.status_code, opened.json()["rows"]) == (202, 1)
        address = opened.headers["location"]
        while office.get(address).json()["state"] != "done":
            pass
        assert "y-agency" in office.get(f"{address}/result").text

        watch = office.post("/v1/watches", json={"party": "y-agency"}).json()
        assert office.delete(f"/v1/watches/{watch['id']}").status_code == 204
        body = {"organisation": "x", "threshold": 0.9, "cutoff": 0.5, "reason": "y"}
        assert office.post("/v1/screening/thresholds", json=body).status_code == 403  # a registrar sets it


def test_an_overturned_conviction_leaves_no_trace_anywhere(client, served):
    served.party("y-cleared", "Company", name="Kenanga Putih Agency", country="my")
    served.party("y-neighbour", "Person", name="Kenanga Neighbour")
    served.tell("/v1/links/y-near", {"from": "y-neighbour", "to": "y-cleared", "kind": "director"})

    def everything():
        hit = client.match(Company(name=["Kenanga Putih Agency"], country=["my"])).top
        found = client.search("kenanga putih", facets=["topics", "countries"])
        adjacent = client.adjacent("y-neighbour").model_dump(mode="json")
        return [
            hit.model_dump(mode="json"),
            found.model_dump(mode="json"),
            client.fetch("y-cleared").model_dump(mode="json"),
            adjacent,
            client.match(Company(name=["Kenanga Putih Agency"]), topics=["forced.labor"]).results,
        ]

    clean = everything()
    final = {"stage_on": "2022-11-01"}
    served.tell("/v1/cases/y-gone", a_case("y-cleared", "convicted", final_on="2023-03-01", **final))
    told = everything()
    assert (told[0]["target"], told[2]["target"]) == (True, True)
    assert len(told[4]) == 1
    assert told[3] != clean[3]
    served.tell(
        "/v1/cases/y-gone", a_case("y-cleared", "convicted", appeal="overturned", appeal_on="2024-05-05", **final)
    )
    assert everything() == clean
