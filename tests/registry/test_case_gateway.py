"""Due process through the real gateway: the same rules, and every party that a list shows is logged."""

import pytest
import sqlalchemy as sa

from services.cli.connection import Api, Identity, RefusedError
from services.gateway.tables import AuditRow
from shared.contracts.caller import Purpose
from shared.db.database import Database
from shared.settings import Settings
from tests.registry.door import a_case

pytestmark = pytest.mark.anyio

REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
LICENSING = Identity("licensing", Purpose.LICENCE_CHECK)
CSV = {"Accept": "text/csv"}


async def refused(api: Api, *request, **options) -> int:
    with pytest.raises(RefusedError) as error:
        await api.ask(*request, **options)
    return error.value.status


async def shown_since(deployment: Settings, number: int) -> list[str]:
    database = Database(deployment.database_url("gateway"))
    async with database.read() as session:
        query = sa.select(AuditRow.outcome).where(AuditRow.number > number).order_by(AuditRow.number)
        outcomes = list(await session.scalars(query))
    await database.close()
    return outcomes


async def log_size(deployment: Settings) -> int:
    database = Database(deployment.database_url("gateway"))
    async with database.read() as session:
        size = await session.scalar(sa.select(sa.func.max(AuditRow.number)))
    await database.close()
    return size or 0


async def test_a_whole_way_through_the_gateway(api, deployment):
    for key in ("gate-1", "gate-2"):
        party = {"schema": "Company", "source": "Register", "properties": {"name": [f"Pintu {key}"]}}
        await api.ask(REGISTRAR, "PUT", f"/v1/parties/{key}", json=party)
        await api.ask(REGISTRAR, "PUT", f"/v1/cases/{key}", json=a_case(key, "charged"))
    wrong = a_case("gate-1", "convicted")
    assert await refused(api, REGISTRAR, "PUT", "/v1/cases/gate-1", json=wrong) == 409
    correction = {"ground": "wrong_step", "source": "Letter", "case": a_case("gate-1", "reported")}
    path = "/v1/cases/gate-1/corrections"
    assert await refused(api, LICENSING, "POST", path, json=correction) == 403
    assert (await api.ask(REGISTRAR, "POST", path, json=correction)).json()["status"] == "ALLEGED"
    history = (await api.ask(LICENSING, "GET", "/v1/cases/gate-1/history", params={"limit": 1})).json()
    assert [version["correction"] for version in history["results"]] == ["wrong_step"]
    case = (await api.ask(LICENSING, "GET", "/v1/cases/gate-1", params={"valid_on": "2021-06-06"})).json()
    assert (case["label"], case["sealed"]) == ("alleged; not proven", False)
    listing = {"party": "gate-1", "case": "gate-1", "grounds": ["forced_labour"], "proposed_on": "2024-01-01"}
    await api.ask(REGISTRAR, "PUT", "/v1/listings/gate-1", json=listing | {"source": "Ministry"})
    move = {"move": "list", "on": "2024-02-02", "source": "Gazette"}
    assert await refused(api, REGISTRAR, "POST", "/v1/listings/gate-1/moves", json=move) == 409
    assert (await api.ask(LICENSING, "GET", "/v1/public/listings")).json()["results"] == []


@pytest.mark.parametrize("headers", [{}, CSV])
async def test_every_party_that_a_list_shows_is_logged(api, deployment, headers):
    for key in ("shown-1", "shown-2"):
        party = {"schema": "Company", "source": "Register", "properties": {"name": [f"Tampak {key}"]}}
        await api.ask(REGISTRAR, "PUT", f"/v1/parties/{key}", json=party)
        await api.ask(REGISTRAR, "PUT", f"/v1/cases/{key}", json=a_case(key, "charged"))
    before = await log_size(deployment)
    query = {"name": "Tampak", "limit": 1}
    answer = await api.ask(LICENSING, "GET", "/v1/parties", params=query, headers=headers)
    assert ("link" in answer.headers) is bool(headers)
    assert len(await shown_since(deployment, before)) == 2  # the request, and the one party on its page
    before = await log_size(deployment)
    await api.ask(LICENSING, "GET", "/v1/cases", params={"stage": "charged", "limit": 200}, headers=headers)
    assert len(await shown_since(deployment, before)) >= 3


async def test_reading_one_party_takes_its_days_along(api):
    party = {"schema": "Company", "source": "Register", "properties": {"name": ["Hari Ini"]}}
    party |= {"valid_from": "2020-01-01"}
    await api.ask(REGISTRAR, "PUT", "/v1/parties/days", json=party)
    assert await refused(api, LICENSING, "GET", "/v1/parties/days", params={"valid_on": "2019-01-01"}) == 404
    assert await refused(api, LICENSING, "GET", "/v1/parties/days", params={"valid_on": "yesterday"}) == 422
    licence = {"party": "days", "number": "1", "authority": "A", "status": "valid", "valid_from": "2020-01-01"}
    await api.ask(REGISTRAR, "PUT", "/v1/licences/days", json=licence)
    on = {"party": "days", "on": "2021-01-01", "known_on": "2001-01-01"}
    assert (await api.ask(LICENSING, "GET", "/v1/licences", params=on)).json()["licences"] == []
