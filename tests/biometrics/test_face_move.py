"""A gallery is moved to another face model: nobody is lost meanwhile, and a move that was cut off goes on."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anyio
import dlib
import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from services.biometrics.encounters import moving
from services.biometrics.encounters.tables import ItemRow
from services.biometrics.face import (
    DLIB_RESNET_V1,
    DlibFaceEngine,
    FaceEngine,
    FacepluginFaceEngine,
    choice,
    is_installed,
)
from services.biometrics.face.aligned_engine import AlignedFaceEngine
from services.biometrics.face.faceplugin_engine import FILE_NAME
from services.biometrics.face.finding import FoundFace, model_file
from services.biometrics.templates import engines
from shared.db.database import Database
from shared.settings import Settings
from tests.biometrics.osia_client import Abis, astronaut_png, face, finger, portrait_png, running
from tests.conftest import ROOT

pytestmark = pytest.mark.anyio
MODELS = Path(os.environ.get("LINDUNG_MODELS") or ROOT / "var" / "models")


class NativeDlibEngine(AlignedFaceEngine):
    """The same network run by dlib itself, under a name of its own: a second real engine that is always there."""

    model_id = "dlib-native-test"
    dimension = 128

    def __init__(self) -> None:
        super().__init__()
        self._network = dlib.face_recognition_model_v1(str(model_file("dlib_face_recognition_resnet_model_v1.dat")))

    def _embed(self, rgb: NDArray[np.uint8], found: FoundFace) -> NDArray[np.float32]:
        mirrored = np.ascontiguousarray(found.chip(rgb, 150)[:, ::-1])  # so that the two are not interchangeable
        return -np.array(self._network.compute_face_descriptor(mirrored), dtype=np.float32)


@pytest.fixture
def settings(make_deployment: Callable[[str], Settings]) -> Settings:
    return make_deployment("sqlite").model_copy(update={"face_engine": "dlib", "engine_threads": 1})


@pytest.fixture(params=[NativeDlibEngine.model_id, FacepluginFaceEngine.model_id])
def other_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of a model that `use` lets the service start with."""
    if request.param == FacepluginFaceEngine.model_id and not is_installed(MODELS):
        pytest.skip("fr_feature.onnx is not installed (lindung models install)")
    own = replace(DLIB_RESNET_V1, model_id=NativeDlibEngine.model_id)
    monkeypatch.setitem(choice.CALIBRATIONS, NativeDlibEngine.model_id, own)
    name: str = request.param
    return name


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a move has come to its end."""
    event, move = asyncio.Event(), moving.FaceMove.move

    async def told(self: moving.FaceMove, model_id: str) -> None:
        await move(self, model_id)
        event.set()

    monkeypatch.setattr(moving.FaceMove, "move", told)
    return event


def use(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service start with this model from now on."""

    def load(_choice: str, _models: Path) -> FaceEngine:
        native = model == NativeDlibEngine.model_id
        return NativeDlibEngine() if native else FacepluginFaceEngine(MODELS / FILE_NAME)

    monkeypatch.setattr(engines, "load_face_engine", load)


async def models_of(settings: Settings) -> dict[str, int]:
    database = Database(settings.database_url("biometrics"))
    query = sa.select(ItemRow.model_id, sa.func.count()).where(ItemRow.biometric_type == "FACE").group_by("model_id")
    async with database.read() as session:
        rows = (await session.execute(query)).all()
    await database.close()
    return {str(name): int(count) for name, count in rows}


async def found(abis: Abis, png: bytes) -> set[str]:
    return {each["personId"] for each in await abis.identify(face(png), threshold=1)}


async def test_a_move_loses_nobody_and_survives_a_restart(
    settings: Settings, other_model: str, finished: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as abis:
        astronaut, _ = await abis.enrol(face(astronaut_png()), finger(31))
        others = [(await abis.enrol(face(portrait_png(person))))[0] for person in range(4)]
        inactive, _ = await abis.enrol(face(portrait_png(5)), status="INACTIVE")
    assert await models_of(settings) == {DlibFaceEngine.model_id: 6}

    use(other_model, monkeypatch)
    passed, held = asyncio.Event(), asyncio.Event()
    move_one = moving.FaceMove._move_one

    async def stop_after_three(self: moving.FaceMove, kept: moving._Kept) -> bool:
        if (await models_of(settings)).get(other_model, 0) >= 3:
            passed.set()
            await held.wait()
        return await move_one(self, kept)

    monkeypatch.setattr(moving.FaceMove, "_move_one", stop_after_three)
    async with running(settings) as abis:
        with anyio.fail_after(30):
            await passed.wait()
        assert await models_of(settings) == {DlibFaceEngine.model_id: 3, other_model: 3}
        assert astronaut in await found(abis, astronaut_png(20))  # moved already
        assert others[3] in await found(abis, portrait_png(3))  # not yet
        again, _ = await abis.enrol(face(portrait_png(3, 1)))
        answer = await abis.ask("POST", f"/v1/identify/workers/{again}", json={}, threshold=1)
        assert others[3] in {each["personId"] for each in answer.json()}  # a new record against a former model
        answer = await abis.ask("POST", f"/v1/identify/workers/{others[3]}", json={}, threshold=1)
        assert again in {each["personId"] for each in answer.json()}
        metrics = await abis.ask("GET", "/metrics")
        assert "lindung_faces_to_move 6.0" in metrics.text  # told a batch at a time

    monkeypatch.setattr(moving.FaceMove, "_move_one", move_one)
    async with running(settings) as abis:
        with anyio.fail_after(30):
            await finished.wait()
        assert await models_of(settings) == {other_model: 7}
        assert not abis.app.state.extractor.former_models
        assert astronaut in await found(abis, astronaut_png(20))
        assert {others[3], again} <= await found(abis, portrait_png(3))
        assert inactive not in await found(abis, portrait_png(5))
    async with running(settings) as abis:  # read again from the table
        assert astronaut in await found(abis, astronaut_png(20))
        assert await abis.app.state.face_move.left() == 0


async def test_an_item_erased_while_it_is_moved_stays_erased(
    settings: Settings, other_model: str, finished: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(settings) as abis:
        person, _ = await abis.enrol(face(astronaut_png()))
        await abis.enrol(face(portrait_png(1)))
    use(other_model, monkeypatch)
    move_one = moving.FaceMove._move_one

    async with running(settings) as abis:

        async def erase_first(self: moving.FaceMove, kept: moving._Kept) -> bool:
            if kept.person_id == person:
                assert (await abis.ask("DELETE", f"/v1/persons/{person}")).status_code == 204
            return await move_one(self, kept)

        monkeypatch.setattr(moving.FaceMove, "_move_one", erase_first)
        with anyio.fail_after(30):
            await finished.wait()
        assert person not in await found(abis, astronaut_png())
