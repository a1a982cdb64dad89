"""A face that looks young: a birth record is asked for, and nothing else happens; whoever is sealed is told alike."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.biometrics import app as biometrics
from services.biometrics.age.estimator import LIMIT, MEASURED, AgeEstimator, AgeModelUnavailableError
from services.cli.connection import Api, Identity, connect
from services.cli.enrol import encode, register
from services.registry.workers.age import looks_young
from services.sandbox.faces import CAST
from services.sandbox.region import Shot
from services.sandbox.studio import Studio
from shared.contracts.age_estimates import AgeEstimate
from shared.contracts.caller import Purpose
from shared.contracts.registrations import SignalCode, Strength
from tests.conftest import MakeDeployment

pytestmark = pytest.mark.anyio

DESK = Identity("desk", Purpose.WORKER_REGISTRATION)
REVIEWER = Identity("adjudicator", Purpose.ADJUDICATION)
STUDIO, KEYS = Studio(), itertools.count()


class Sixteen:
    """In the model's place, which few machines have: every face is estimated at 16."""

    def estimate(self, _rgb: NDArray[np.uint8]) -> float:
        return 16.04


@pytest.fixture(scope="module")
async def api(make_deployment: MakeDeployment) -> AsyncIterator[Api]:
    settings = make_deployment("sqlite").model_copy(update={"age_estimates": True})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(biometrics, "AgeEstimator", Sixteen)
        async with connect(settings) as connected:
            yield connected


async def registered(api: Api, person: int, **changes: Any) -> dict[str, Any]:
    photo = encode(STUDIO.photo(Shot(CAST[person], 1)))
    worker = {"name": f"Siti {person}", "born": "1996-04-02", "nationality": "IDN", "photo": photo} | changes
    return await register(api, DESK, worker, f"key {next(KEYS)}")


@pytest.mark.parametrize(("years", "raised"), [(LIMIT - 0.1, True), (LIMIT, False), (45.0, False)])
def test_below_the_limit_is_weak_and_carries_its_measured_error(years: float, raised: bool) -> None:
    signal = looks_young(AgeEstimate(model="m", years=years, limit=LIMIT, measured=MEASURED))
    assert (signal is not None) is raised
    if signal is not None:
        assert (signal.code, signal.strength) == (SignalCode.AGE_ESTIMATE_YOUNG, Strength.WEAK)
        assert signal.evidence["measured"]["minors_missed"] == {"share": 0.35, "low": 0.30, "high": 0.40}
        assert "never the only ground" in signal.does_not_prove


async def test_a_young_face_asks_for_a_birth_record_and_opens_nothing(api: Api) -> None:
    worker = await registered(api, 0)
    assert [(each["code"], each["strength"]) for each in worker["signals"]] == [("AGE_ESTIMATE_YOUNG", "weak")]
    assert worker["signals"][0]["evidence"]["years"] == 16.0
    assert "birth record: not shown; ask for one" in worker["missing"]
    assert worker["state"] == "PROVISIONAL"
    assert (await api.ask(REVIEWER, "GET", "/v1/adjudications")).json() == {"items": []}


async def test_with_a_birth_record_or_without_a_photo_nobody_is_estimated(api: Api) -> None:
    shown = await registered(api, 1, birth_record={"born": "1996-04-02"})
    unseen = await registered(api, 2, photo=None)
    assert (shown["signals"], unseen["signals"]) == ([], [])


async def test_a_desk_cannot_tell_a_sealed_registration_by_the_estimate(api: Api) -> None:
    adult, child = await registered(api, 3), await registered(api, 4, born="2012-04-02")
    assert (child["signals"], child["missing"]) == (adult["signals"], adult["missing"])


def test_where_the_model_is_wanted_and_absent_the_service_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.biometrics.age.estimator.find_spec", lambda _: None)
    with pytest.raises(AgeModelUnavailableError):
        AgeEstimator()
