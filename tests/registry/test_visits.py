"""Visits through the gateway: planned by risk, carried out with police, put right, and told to licensing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.cli.connection import Api, Identity, RefusedError, connect
from services.registry.redflags.tables import RedFlagRow
from shared.contracts.caller import Purpose
from shared.db.database import Database, now
from shared.settings import Settings

pytestmark = pytest.mark.anyio

LABOUR = Identity("labour", Purpose.LABOUR_INSPECTION)
POLICE = Identity("investigator", Purpose.CRIMINAL_INVESTIGATION, "C-1")
LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
OTHERS = (
    LICENSING,
    REGISTRAR,
    Identity("victim-support", Purpose.VICTIM_SUPPORT),
    Identity("child-protection", Purpose.CHILD_PROTECTION),
    Identity("desk", Purpose.WORKER_REGISTRATION),
    Identity("auditor", Purpose.AUDIT),
)
ADDRESS = "Behind the mill, third house"


@pytest.fixture(scope="module")
async def api(deployment: Settings) -> AsyncIterator[Api]:
    async with connect(deployment) as connected:
        party = {"schema": "Company", "source": "Register", "properties": {"name": ["Cahaya"], "country": ["id"]}}
        await connected.ask(REGISTRAR, "PUT", "/v1/parties/agency-1", json=party)
        licence = {"party": "agency-1", "number": "L-1", "authority": "Ministry", "status": "suspended"}
        licence |= {"valid_from": "2025-01-01", "valid_to": "2035-01-01"}
        await connected.ask(REGISTRAR, "PUT", "/v1/licences/licence-1", json=licence)
        database = Database(deployment.database_url("registry"))
        async with database.write() as session:
            flag: dict[str, Any] = {"member": "IDN", "rule": "one_holder", "strength": "medium", "counts": {}}
            days: dict[str, Any] = {"first_on": now().date(), "last_on": now().date()}
            days |= {"raised_at": now(), "weighed_at": now()}
            session.add(RedFlagRow(party="employer-9", **flag, **days))
            session.add(RedFlagRow(party="employer-8", **flag | {"member": "MYS"}, **days))
        await database.close()
        yield connected


async def told(api: Api, who: Identity, path: str, **params: Any) -> Any:
    return (await api.ask(who, "GET", path, params=params)).json()


async def refused(api: Api, who: Identity, method: str, path: str, **options: Any) -> int:
    with pytest.raises(RefusedError) as error:
        await api.ask(who, method, path, **options)
    return error.value.status


async def visit(api: Api, **body: Any) -> dict[str, Any]:
    planned = {"place": "factory", "area": "ID-JK", "planned_on": f"{now().date()}"} | body
    return dict((await api.ask(LABOUR, "POST", "/v1/visits", json=planned)).json())


async def move(api: Api, path: str, name: str, **step: Any) -> dict[str, Any]:
    return dict((await api.ask(LABOUR, "POST", f"{path}/moves", json={"move": name, **step})).json())


def carried_out(**result: Any) -> dict[str, Any]:
    return {"carried_out_on": f"{now().date()}", "access": "consent"} | result


async def test_the_plan_gives_reasons_and_only_of_ones_own_member(api: Api) -> None:
    plan = await told(api, LABOUR, "/v1/visit-plan", limit=5)
    seen = {each["party"]: {factor["factor"] for factor in each["factors"]} for each in plan["items"]}
    assert seen == {"employer-9": {"flags", "last_visit"}, "agency-1": {"licence", "last_visit"}}
    with pytest.raises(RefusedError) as unknown:
        await visit(api, place="agency_office", party="employer-8", chosen="risk")
    problem = unknown.value.problem
    assert (unknown.value.status, str(problem["type"]).rpartition(":")[2]) == (422, "unknown-party")
    assert str(problem["detail"]).startswith("party: the register holds no party"), "another member's flag names it"
    planned = await visit(api, place="agency_office", party="agency-1", chosen="risk")
    assert [factor["says"] for factor in planned["factors"]] == ["licence: suspended", "never visited"]
    await visit(api, place="domestic", informal=True, area="ID-JB")
    after = await told(api, LABOUR, "/v1/visit-plan")
    places = [(each["place"], each["area"]) for each in after["items"] if each["party"] is None]
    assert places == [("domestic", "ID-JB")], "a place of no known party"
    assert await refused(api, POLICE, "GET", "/v1/visit-plan") == 403
    assert await refused(api, POLICE, "POST", "/v1/visits", json={"place": "factory", "area": "X1"}) in {403, 422}


async def test_a_joint_visit_and_what_each_sees_of_it(api: Api) -> None:
    alone = await visit(api)
    joint = await visit(api, joint=True, address=ADDRESS, party="employer-9", place="plantation")
    path = f"/v1/visits/{joint['id']}"
    due = now().date() - timedelta(days=1)
    remedies = [{"offence": "wage_theft", "due_on": f"{due}"}]
    findings = ["wage_theft", "restriction_of_movement", "child_labour"]
    result = carried_out(findings=findings, remedies=remedies, note="Eight without pay.")
    await move(api, path, "carry_out", **result)
    noted = (await api.ask(POLICE, "POST", f"{path}/notes", json={"note": "The foreman is known."})).json()
    labour = await told(api, LABOUR, path)
    assert (labour["findings"], labour["overdue"]) == (sorted(findings), True)
    assert [each["note"] for each in labour["events"]] == [None, "Eight without pay."]
    assert "foreman" not in f"{labour}", "no investigative content"
    assert noted == await told(api, POLICE, path)
    assert (noted["findings"], noted["address"]) == (["restriction_of_movement"], ADDRESS)
    assert not {"factors", "chosen", "remedies", "next_due_on", "overdue"} & noted.keys(), "the policy withholds them"
    assert [each["note"] for each in noted["events"]] == [None, None, "The foreman is known."]
    assert [each["by"] for each in noted["events"]][:2] == [None, None]
    assert [each["id"] for each in (await told(api, POLICE, "/v1/visits"))["items"]] == [joint["id"]]
    assert await refused(api, POLICE, "GET", f"/v1/visits/{alone['id']}") == 404
    assert await refused(api, POLICE, "GET", "/v1/visits/V0") == 404, "the same as none"
    assert await refused(api, POLICE, "POST", f"{path}/moves", json={"move": "call_off"}) == 403
    for who in OTHERS:
        for each in ("/v1/visits", "/v1/visit-plan", path):
            assert await refused(api, who, "GET", each) == 403, who.client


async def test_what_is_to_be_put_right_is_followed_up_and_told_to_licensing(api: Api) -> None:
    planned = await visit(api, place="agency_office", party="agency-1", address=ADDRESS)
    path = f"/v1/visits/{planned['id']}"
    assert (await told(api, LICENSING, "/v1/inspections", party="agency-1"))["results"] == [], "planned: nobody knows"
    assert await refused(api, LABOUR, "POST", f"{path}/moves", json={"move": "close"}) == 409
    await move(api, path, "carry_out", **carried_out(findings=["excessive_fees"]))
    due = [{"offence": "excessive_fees", "due_on": f"{now().date() - timedelta(days=3)}"}]
    await move(api, path, "follow_up", remedies=due)
    late = (await told(api, LABOUR, "/v1/visits", overdue=True, party="agency-1"))["items"]
    assert [each["id"] for each in late] == [planned["id"]]
    assert await refused(api, LABOUR, "POST", f"{path}/moves", json={"move": "close"}) == 409
    done = [due[0] | {"done_on": f"{now().date()}"}]
    assert (await move(api, path, "close", remedies=done))["state"] == "closed"
    (inspection,) = (await told(api, LICENSING, "/v1/inspections", party="agency-1"))["results"]
    assert (inspection["id"], inspection["state"], inspection["workplace"]) == (
        planned["id"],
        "closed",
        "agency_office",
    )
    assert inspection["indications"] == ["excessive_fees"]
    assert ADDRESS not in f"{inspection}"
    history = await told(api, LICENSING, f"/v1/inspections/{planned['id']}")
    assert history["version"] == 3
    household = await visit(api, place="domestic", informal=True)
    entered = {"move": "carry_out", **carried_out(access="power_of_entry")}
    assert await refused(api, LABOUR, "POST", f"/v1/visits/{household['id']}/moves", json=entered) == 422
    tomorrow = {"move": "carry_out", **carried_out(carried_out_on=f"{now().date() + timedelta(days=9)}")}
    assert await refused(api, LABOUR, "POST", f"/v1/visits/{household['id']}/moves", json=tomorrow) == 422
    assert (await told(api, LABOUR, f"/v1/visits/{household['id']}"))["state"] == "planned"


async def test_lists_page(api: Api) -> None:
    first = await told(api, LABOUR, "/v1/visits", limit=1)
    rest = await told(api, LABOUR, "/v1/visits", before=first["next"])
    assert first["items"] + rest["items"] == (await told(api, LABOUR, "/v1/visits"))["items"]
    closed = (await told(api, LABOUR, "/v1/visits", state="closed"))["items"]
    assert {each["state"] for each in closed} == {"closed"}
