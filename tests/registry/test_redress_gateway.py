"""Claims and the fund through the gateway's doors: two clients of one office, an auditor, and everybody else."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.cli.connection import Api, Identity, RefusedError, connect
from services.cli.preparation import LOCAL_CLIENTS
from shared.contracts.caller import Purpose
from tests.conftest import Backend, MakeDeployment

pytestmark = pytest.mark.anyio

FIRST, SECOND = (Identity(name, Purpose.VICTIM_SUPPORT) for name in ("victim-support", "victim-support-2"))
AUDITOR = Identity("auditor", Purpose.AUDIT)


@pytest.fixture(scope="module")
def backend() -> Backend:
    return "sqlite"


@pytest.fixture(scope="module")
async def api(make_deployment: MakeDeployment, backend: Backend) -> AsyncIterator[Api]:
    async with connect(make_deployment(backend)) as connected:
        yield connected


async def post(api: Api, who: Identity, path: str, body: object = None, key: str = "") -> httpx.Response:
    return await api.ask(who, "POST", path, json=body, headers={"Idempotency-Key": key} if key else {})


async def test_a_payment_needs_two_and_an_auditor_reads_it_without_persons(api: Api) -> None:
    gift = {"currency": "KHR", "amount": 1_000, "donor": "donor-1"}
    body = {"currency": "KHR", "amount": 400, "kind": "medical", "about": "S1", "payee": "The clinic"}
    await post(api, FIRST, "/v1/fund/contributions", gift, "gift")
    payment = (await post(api, FIRST, "/v1/fund/payments", body, "one")).json()
    assert payment["payee"] == "The clinic"
    release = f"/v1/fund/payments/{payment['id']}/release"
    with pytest.raises(RefusedError, match="second person"):
        await post(api, FIRST, release)
    assert (await post(api, SECOND, release)).json()["state"] == "released"
    read = (await api.ask(AUDITOR, "GET", "/v1/fund/ledger")).json()["items"]
    assert [(each["kind"], "by" in each) for each in read] == [
        ("release", False),
        ("reservation", False),
        ("contribution", False),
    ]
    assert (await api.ask(AUDITOR, "GET", "/v1/fund")).json()["items"][0]["paid_out"] == 400
    csv = await api.ask(FIRST, "GET", "/v1/fund/report?year=2026", headers={"Accept": "text/csv"})
    assert csv.text == "month,currency,kind,people,paid\r\n"


async def test_what_is_owed_is_computed_in_exact_amounts(api: Api) -> None:
    wages = {
        "wage": 7_000_000,
        "period": "month",
        "hours_a_day": 8,
        "days_a_week": 6,
        "months": [{"month": "2026-01", "worked": "0.50", "overtime_hours": 10.5}],
    }
    claim = {"forum": "labour", "currency": "VND", "wages": wages, "note": "She kept a diary."}
    told = (await post(api, FIRST, "/v1/claims", claim)).json()
    assert (told["claimed"], told["computation"]["digits"]) == (4_030_048, 0)
    assert [line["amount"] for line in told["computation"]["lines"]] == [3_500_000, 530_048]
    assert (await api.ask(SECOND, "GET", f"/v1/claims/{told['id']}")).json() == told


async def test_nobody_else_gets_to_a_claim_or_a_payment(api: Api) -> None:
    for client in sorted(LOCAL_CLIENTS.keys() - {"child-protection-2", "victim-support", "victim-support-2"}):
        for path in ("/v1/claims/C1", "/v1/fund/payments/Y1"):
            with pytest.raises(RefusedError) as refused:
                await api.ask(Identity(client, Purpose.VICTIM_SUPPORT), "GET", path)
            assert refused.value.status == 403
