"""Every route of screening, as its description says it can be called and as it cannot: an answer or a problem."""

import json
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry.app import create_app
from shared.contracts.caller import Purpose
from shared.settings import Settings
from tests.registry.door import a_case

pytestmark = pytest.mark.anyio

TAGS = {"screening", "watches", "reconciliation"}
DOCUMENT = create_app(Settings()).openapi()
ROUTES = sorted(
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if TAGS & set(operation.get("tags", ()))
)
WORDS = ("\x00", "%00", "\ufeff", "default", "IDN", "fz-1", "score:desc", "country:my", "Person", "2024-01-01", "-1")
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(WORDS),
    st.integers(-1, 10**20).map(str),
)
VALUE = st.recursive(
    st.one_of(TEXT, st.integers(-2, 2**65), st.floats(), st.booleans(), st.none(), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
QUERY = st.fixed_dictionaries(
    {"schema": st.sampled_from(["Person", "Company", "LegalEntity", "Vessel"])},
    optional={"properties": st.dictionaries(st.sampled_from(["name", "birthDate", "country", "x"]), VALUE, max_size=3)},
)
GOOD = {
    "dataset": "default", "entity_id": "fz-1", "name": "ownershipAsset", "kind": "entity", "q": "Fuzz Agency",
    "limit": "3", "offset": "1", "cursor": "0", "id": "fz-1", "sort": "caption:desc", "filter": "country:my",
    "changed_since": "2024-01-01", "topics": "crime", "schema": "Company", "prefix": "fuzz", "algorithm": "best",
    "include_dataset": "IDN", "threshold": "0.8", "cutoff": "0.1", "facets": "topics", "type": "Person",
    "queries": '{"q": {"query": "Fuzz Agency"}}', "extend": '{"ids": ["fz-1"], "properties": [{"id": "status"}]}',
}  # fmt: skip
"""Of each parameter something that can be answered."""

BODY = st.one_of(
    VALUE,
    st.just({"queries": {"q": {"schema": "Company", "properties": {"name": ["Fuzz Agency"]}}}}),
    st.just({"query": {"schema": "Company", "properties": {"name": ["Fuzz Agency"]}}}),
    st.just({"extend": {"ids": ["fz-1", "fz-2"], "properties": [{"id": "licences"}]}}),
    st.fixed_dictionaries({"queries": st.dictionaries(TEXT, QUERY, max_size=2)}),
    st.fixed_dictionaries(
        {},
        optional={
            "query": QUERY, "party": st.one_of(TEXT, st.just("fz-1")), "reason": TEXT, "evidence": VALUE,
            "label": TEXT, "webhook": TEXT, "organisation": TEXT, "threshold": VALUE, "cutoff": VALUE,
        },
    ),
)  # fmt: skip


def test_there_are_routes():
    assert {("POST", "/match/{dataset}"), ("GET", "/v1/watches"), ("POST", "/reconcile/{dataset}")} <= set(ROUTES)


@st.composite
def requests(draw):
    """A request to one of the routes: some parameters, some body."""
    method, path = draw(st.sampled_from(ROUTES))
    operation = DOCUMENT["paths"][path][method.lower()]
    params, right = [], draw(st.integers(0, 4))

    def value(name):
        return GOOD[name] if name in GOOD and draw(st.integers(0, 4)) <= right else draw(TEXT)

    for known in operation.get("parameters", ()):
        if known["in"] == "path":
            path = path.replace(f"{{{known['name']}}}", quote(value(known["name"]), safe=""))
        elif known["in"] == "query" and (known["required"] or draw(st.booleans())):
            params.append((known["name"], value(known["name"])))
    content = json.dumps(draw(BODY)).encode() if method == "POST" else None
    return method, f"{path}?{urlencode(params)}", content


@pytest.fixture(scope="module")
async def filled(door):
    await door.party("fz-1", "Company", name="Fuzz Agency", country="my")
    await door.party("fz-2", name="Fuzz Owner")
    await door.tell("/v1/links/fz", {"from": "fz-2", "to": "fz-1", "kind": "owner"})
    await door.tell("/v1/cases/fz", a_case("fz-1", "charged"))
    return door


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=requests())
async def test_whatever_comes_gets_an_answer_or_a_problem(filled, request):
    method, path, content = request
    try:
        answer = await filled.ask(method, path, purpose=Purpose.REGISTER_MAINTENANCE, content=content)
    except httpx.InvalidURL:
        return
    assert answer.status_code < 500, (request, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", request
