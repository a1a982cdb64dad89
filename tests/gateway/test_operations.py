"""How the services do, through the door: for those who oversee them, and with nothing of anybody in it."""

import base64
import gc
import json
import weakref
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.biometrics.evidence.documents import OFFICERS_FILE, CalibrationDocument
from services.biometrics.evidence.shelf import CalibrationShelf
from services.biometrics.fingerprint.calibration import FOREIGN_MCC16B_1, LEADER_MCC16B_1
from services.cli.connection import Api, Identity, RefusedError
from services.cli.preparation import register_clients
from services.gateway.console.charts import det, histogram
from services.gateway.operation_routes import times_in
from services.standalone import create_app
from shared.contracts.caller import Purpose, Role
from shared.contracts.operations import CalibrationInForce, Operations
from shared.settings import Settings
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

AUDITOR = Identity("auditor", Purpose.AUDIT)
REGISTRAR = Identity("registrar", Purpose.REGISTER_MAINTENANCE)
DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
CLIENTS = (
    ("auditor", Role.AUDITOR, "IDN"),
    ("registrar", Role.REGISTRAR, "IDN"),
    ("desk", Role.DESK_OFFICER, "IDN"),
)


@pytest.fixture(scope="module")
def settings(make_deployment: MakeDeployment) -> Settings:
    return make_deployment("sqlite").model_copy(update={"face_engine": "dlib"})


@pytest.fixture(scope="module")
async def api(settings: Settings) -> AsyncIterator[Api]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await register_clients(settings, CLIENTS)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, timeout=60) as http:
            yield Api(http, settings)


@pytest.mark.parametrize("who", [AUDITOR, REGISTRAR], ids=lambda who: who.client)
async def test_overseers_read_the_calibrations_in_force_and_how_the_services_do(api: Api, who: Identity) -> None:
    told = Operations.model_validate((await api.ask(who, "GET", "/v1/operations")).json())
    assert told.silent == []
    assert told.workload is not None
    assert told.workload.waiting == 0
    assert told.biometrics is not None
    assert [each.kind for each in told.biometrics.calibrations] == ["face", "finger", "finger_record"]
    assert (told.biometrics.persons, told.biometrics.threshold) == (0, pytest.approx(3.0))
    for made in told.biometrics.calibrations:
        assert made.digest is None
        errors = [(each.fmr, each.fnmr) for each in made.trade_off if each.fnmr is not None]
        assert errors == sorted(errors, key=lambda each: (-each[0], each[1]))
        assert made.trade_off[-1].extrapolated
        assert made.trade_off[-1].fmr == pytest.approx(1e-6)


async def test_what_is_put_in_force_is_gone_by_at_once_and_as_long_as_its_signatures_hold(
    api: Api, settings: Settings
) -> None:
    officers = {name: Ed25519PrivateKey.generate() for name in ("siti", "wei", "noor")}
    public = {name: base64.b64encode(key.public_key().public_bytes_raw()).decode() for name, key in officers.items()}
    named = settings.key_folder / OFFICERS_FILE
    named.write_text(json.dumps(public))
    shelf = CalibrationShelf(settings.calibration_folder, settings.key_folder)
    measured = replace(LEADER_MCC16B_1, source="100 fingers of the ministry")
    digest = shelf.propose(CalibrationDocument(measured).to_bytes())
    records = shelf.propose(CalibrationDocument(replace(FOREIGN_MCC16B_1, source="the same")).to_bytes())
    for name in ("siti", "wei"):
        shelf.sign(digest, name, officers[name])
    for name in ("siti", "noor"):
        shelf.sign(records, name, officers[name])
    assert (await fingers(api)).digest is None
    await api.ask(REGISTRAR, "POST", f"/v1/calibrations/{digest}/activation")
    assert ((await fingers(api)).digest, (await fingers(api)).source) == (digest, "100 fingers of the ministry")

    named.write_text(json.dumps({name: key for name, key in public.items() if name != "wei"}))
    answer = await api.ask(REGISTRAR, "POST", f"/v1/calibrations/{records}/activation")
    assert {each["digest"]: each["active"] for each in answer.json()["items"]} == {digest: False, records: True}
    now = await fingers(api)
    assert (now.digest, now.source) == (None, LEADER_MCC16B_1.source)
    assert now.refused == "fewer than two officers' signatures hold"


async def fingers(api: Api) -> CalibrationInForce:
    """By what the process that runs goes."""
    told = Operations.model_validate((await api.ask(REGISTRAR, "GET", "/v1/operations")).json())
    assert told.biometrics is not None
    return next(each for each in told.biometrics.calibrations if each.kind == "finger")


def test_an_application_that_is_closed_is_let_go(settings: Settings) -> None:
    """Its engines hold a tenth of a gigabyte; FastAPI keeps the functions of routes, and whatever these close over."""
    kept = weakref.ref(create_app(settings))
    gc.collect()
    assert kept() is None


async def test_nobody_else_reads_them(api: Api) -> None:
    with pytest.raises(RefusedError) as refused:
        await api.ask(DESK, "GET", "/v1/operations")
    assert refused.value.status == 403


def test_times_are_read_from_the_figures_of_a_service() -> None:
    head = 'lindung_request_seconds_bucket{service="s",route="/a",le='
    text = (
        "# TYPE lindung_request_seconds histogram\n"
        f'{head}"0.01"}} 94\n{head}"0.1"}} 96\n{head}"+Inf"}} 100\n'
        'lindung_request_seconds_sum{service="s",route="/a"} 2\n'
        'lindung_request_seconds_count{service="s",route="/a"} 100\n'
    )
    (found,) = times_in(text)
    assert (found.route, found.requests, found.mean_ms, found.most_within_ms) == ("/a", 100, 20.0, 100.0)
    assert [each.most_within_ms for each in times_in(text.replace('"0.1"} 96', '"0.1"} 94'))] == [None]


def test_charts_are_drawn_from_what_is_known_only() -> None:
    points = [
        {"score": 1.0, "fmr": 0.1, "fnmr": 0.01, "extrapolated": False},
        {"score": 2.0, "fmr": 0.01, "fnmr": 0.1, "extrapolated": False},
        {"score": 3.0, "fmr": 0.001, "fnmr": 0.4, "extrapolated": True},
        {"score": 4.0, "fmr": 0.0001, "fnmr": None, "extrapolated": True},
    ]
    chart = det(points, 2.5)
    assert chart is not None
    assert [tick.text for tick in chart.x] == ["0.1 %", "1 %", "10 %", "100 %"]
    assert [line.count("L") + 1 for line in chart.lines if line] == [2, 2]
    assert chart.mark is not None
    assert chart.left < chart.mark < chart.right
    assert det(points, 9.0).mark is None  # type: ignore[union-attr]
    assert det(points[3:], 2.5) is None
    tail = [{"score": 0.0, "share": 0.5}, {"score": 1.0, "share": 0.1}]
    drawn = histogram(tail, [{"score": 0.5, "share": 0.1}, {"score": 2.0, "share": 0.5}])
    assert drawn is not None
    assert all(line is not None and line.endswith("Z") for line in drawn.lines)
    assert histogram(tail[:1], tail[:1]) is None
