"""Calibrations of an operator's own: what a document keeps, and that nothing takes effect without two officers."""

import base64
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.biometrics.calibrations.taking_effect import CalibrationWatch
from services.biometrics.evaluation.extraction import Extracted
from services.biometrics.evaluation.folders import Photo
from services.biometrics.evaluation.recalibration import calibrate_faces
from services.biometrics.evidence.documents import OFFICERS_FILE, CalibrationDocument, CalibrationRefusedError
from services.biometrics.evidence.shelf import CalibrationShelf, in_force
from services.biometrics.face import FACEPLUGIN_FR_1
from services.biometrics.figures.telling import calibrations_in_force
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.biometrics.fingerprint.engine import LeaderMccEngine
from services.biometrics.templates.engines import Engines

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> CalibrationDocument:
    """Forty people with three photos each, in two groups, of which one has faces that are close together."""
    folder, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(4)
    middles = rng.normal(size=(40, 64))
    middles[20:] += 0.8  # the second group's own common part
    vectors = np.repeat(middles, 3, axis=0) + 0.4 * rng.normal(size=(120, 64))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    photos = []
    for place in range(120):
        path = folder / f"{place}.jpg"
        path.write_bytes(bytes([place]))
        photos.append(Photo(f"p{place // 3}", path))
    groups = {f"p{number}": "near" if number >= 20 else "far" for number in range(40)}
    return calibrate_faces("faceplugin-fr-1", Extracted(photos, list(unit), {"NO_FACE": 2}, [1.0]), DAY, groups)


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Ed25519PrivateKey]:
    made = {name: Ed25519PrivateKey.generate() for name in ("siti", "wei")}
    trust(tmp_path, made)
    return made


def trust(folder: Path, keys: dict[str, Ed25519PrivateKey]) -> None:
    public = {name: base64.b64encode(key.public_key().public_bytes_raw()).decode() for name, key in keys.items()}
    (folder / OFFICERS_FILE).write_text(json.dumps(public))


@pytest.fixture
def shelf(tmp_path: Path) -> CalibrationShelf:
    return CalibrationShelf(tmp_path / "calibrations", tmp_path)


def test_a_document_keeps_what_was_measured(document: CalibrationDocument) -> None:
    again = CalibrationDocument.from_bytes(document.to_bytes())
    assert again.calibration == document.calibration
    assert again.digest == document.digest
    measured = document.measured
    assert (measured["people"], measured["mate_pairs"], measured["stranger_pairs"]) == (40, 120, 7020)
    assert measured["date"] == "2026-11-22"
    assert measured["refused"] == {"NO_FACE": 2}
    far, near = (measured["fmr_by_group"][group]["fmr_at"]["1e-2"] for group in ("far", "near"))
    assert near > 0.01 > far


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"form":"lindung-calibration-1"}', b'{"form":"other"}', b"\xff\xfe", b"x" * 1_000_001]
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(CalibrationRefusedError):
        CalibrationDocument.from_bytes(data)


def test_two_officers_put_a_document_in_force_and_the_old_one_back(
    shelf: CalibrationShelf, document: CalibrationDocument, keys: dict[str, Ed25519PrivateKey]
) -> None:
    digest = shelf.propose(document.to_bytes())
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) is FACEPLUGIN_FR_1
    assert shelf.sign(digest, "siti", keys["siti"]) == ("siti",)
    assert shelf.sign(digest, "siti", keys["siti"]) == ("siti",)  # twice is still one
    with pytest.raises(CalibrationRefusedError, match="2 officers must sign; signed by siti"):
        shelf.activate(digest)
    assert shelf.sign(digest, "wei", keys["wei"]) == ("siti", "wei")
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) is FACEPLUGIN_FR_1
    shelf.activate(digest)
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) == document.calibration
    (version,) = shelf.versions()
    assert (version.is_active, version.signed_by) == (True, ("siti", "wei"))

    newer = CalibrationDocument(document.calibration, {**document.measured, "date": "2026-12-22"})
    later = shelf.propose(newer.to_bytes())
    for name, key in keys.items():
        shelf.sign(later, name, key)
    shelf.activate(later)
    assert {each.document.digest: each.is_active for each in shelf.versions()} == {digest: False, later: True}
    shelf.activate(digest)
    assert {each.document.digest: each.is_active for each in shelf.versions()} == {digest: True, later: False}


def test_nobody_may_sign_where_no_officer_is_named(
    tmp_path: Path, shelf: CalibrationShelf, document: CalibrationDocument
) -> None:
    key = Ed25519PrivateKey.generate()
    digest = shelf.propose(document.to_bytes())
    with pytest.raises(CalibrationRefusedError, match="no officer with this key"):
        shelf.sign(digest, "siti", key)
    trust(tmp_path, {"siti": key})
    with pytest.raises(CalibrationRefusedError, match="no officer with this key"):
        shelf.sign(digest, "siti", Ed25519PrivateKey.generate())
    trust(tmp_path, {"siti": key, "wei": key})
    with pytest.raises(CalibrationRefusedError, match="two officers have one key"):
        shelf.sign(digest, "siti", key)


def test_what_was_changed_or_lost_its_signer_is_no_longer_in_force(
    tmp_path: Path, shelf: CalibrationShelf, document: CalibrationDocument, keys: dict[str, Ed25519PrivateKey]
) -> None:
    digest = shelf.propose(document.to_bytes())
    for name, key in keys.items():
        shelf.sign(digest, name, key)
    shelf.activate(digest)
    path = tmp_path / "calibrations" / "faceplugin-fr-1" / f"{digest}.json"
    path.write_bytes(document.to_bytes().replace(b"40 people", b"41 people"))
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) is FACEPLUGIN_FR_1
    path.write_bytes(document.to_bytes())
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) == document.calibration
    trust(tmp_path, {"siti": keys["siti"]})
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) is FACEPLUGIN_FR_1


def test_a_model_id_is_no_way_out_of_the_folder(shelf: CalibrationShelf, document: CalibrationDocument) -> None:
    elsewhere = document.to_bytes().replace(b'"faceplugin-fr-1"', b'"../../keys"')
    with pytest.raises(CalibrationRefusedError, match="not a model id"):
        shelf.propose(elsewhere)
    with pytest.raises(CalibrationRefusedError, match="no such calibration"):
        shelf.activate("../active")


def test_what_two_officers_put_in_force_is_told_with_its_day(
    shelf: CalibrationShelf, keys: dict[str, Ed25519PrivateKey], document: CalibrationDocument
) -> None:
    digest = shelf.propose(document.to_bytes())
    for officer, key in keys.items():
        shelf.sign(digest, officer, key)
    shelf.activate(digest)
    faces = in_force(shelf.active(), FACEPLUGIN_FR_1)
    engines = Engines(None, faces, LeaderMccEngine(), LEADER_MCC16B_1)  # type: ignore[arg-type]  no face is looked at
    face, finger, _ = calibrations_in_force(engines, shelf.active())
    assert (face.digest, face.measured_on, finger.digest) == (digest, "2026-11-22", None)
    assert [each.share for each in face.strangers] == sorted((each.share for each in face.strangers), reverse=True)
    before = Engines(None, FACEPLUGIN_FR_1, LeaderMccEngine(), LEADER_MCC16B_1)  # type: ignore[arg-type]
    assert calibrations_in_force(before, shelf.active())[0].digest is None  # not by the engines that were loaded before


@pytest.fixture
def loaded() -> Engines:
    no_face = SimpleNamespace(model_id=FACEPLUGIN_FR_1.model_id)  # none is looked at
    return Engines(no_face, FACEPLUGIN_FR_1, LeaderMccEngine(), LEADER_MCC16B_1)  # type: ignore[arg-type]


@pytest.fixture
def in_force_folder(
    tmp_path: Path, shelf: CalibrationShelf, document: CalibrationDocument, keys: dict[str, Ed25519PrivateKey]
) -> Path:
    """The folder of a model whose document two officers put in force."""
    digest = shelf.propose(document.to_bytes())
    for name, key in keys.items():
        shelf.sign(digest, name, key)
    shelf.activate(digest)
    return tmp_path / "calibrations" / document.calibration.model_id


@pytest.mark.anyio
async def test_a_process_that_runs_takes_over_what_another_put_in_force(
    shelf: CalibrationShelf, document: CalibrationDocument, keys: dict[str, Ed25519PrivateKey], loaded: Engines
) -> None:
    taken: list[Engines] = []
    watch = CalibrationWatch(loaded, shelf, taken.append)
    await watch.look()
    await watch.look()
    assert [each.face_calibration for each in taken] == [FACEPLUGIN_FR_1]
    digest = shelf.propose(document.to_bytes())
    for name, key in keys.items():
        shelf.sign(digest, name, key)
    shelf.activate(digest)
    await watch.look()
    await watch.look()
    assert [each.face_calibration for each in taken] == [FACEPLUGIN_FR_1, document.calibration]
    assert taken[0].face_calibration is FACEPLUGIN_FR_1  # whoever searches by the former goes on with it


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("lost", "left", "why"),
    [
        ("active.json", b"{", "active.json is damaged"),
        ("active.json", b"{}", "active.json is damaged"),
        ("DIGEST.json", None, "the document is missing"),
        ("DIGEST.json", b"{", "the document was changed, or is of another model"),
        ("DIGEST.signatures.json", None, "fewer than two officers' signatures hold"),
        ("DIGEST.signatures.json", b'{"siti": 1, "wei": "?"}', "fewer than two officers' signatures hold"),
        ("../../calibration-officers.json", None, "fewer than two officers' signatures hold"),
        ("../../calibration-officers.json", b"[]", "calibration-officers.json: not names with public keys"),
    ],
)
async def test_what_no_longer_verifies_is_let_go_by_processes_that_run_as_by_those_that_start(
    in_force_folder: Path,
    shelf: CalibrationShelf,
    document: CalibrationDocument,
    loaded: Engines,
    lost: str,
    left: bytes | None,
    why: str,
) -> None:
    taken: list[Engines] = []
    watch = CalibrationWatch(loaded, shelf, taken.append)
    await watch.look()
    path = in_force_folder / lost.replace("DIGEST", document.digest)
    before = path.read_bytes()
    path.write_bytes(left) if left is not None else path.unlink()
    await watch.look()
    started = loaded.calibrated(shelf.active())
    assert taken[-1].face_calibration is started.face_calibration is FACEPLUGIN_FR_1
    told, finger, _ = calibrations_in_force(taken[-1], watch.active)
    assert (told.digest, told.refused, finger.refused) == (None, why, None)
    if left != b"[]":
        assert not any(each.is_active for each in shelf.versions())
    path.write_bytes(before)
    await watch.look()
    assert [each.face_calibration for each in taken] == [document.calibration, FACEPLUGIN_FR_1, document.calibration]
    told, *_ = calibrations_in_force(taken[-1], watch.active)
    assert (told.digest, told.refused) == (document.digest, None)
    assert [each.is_active for each in shelf.versions()] == [True]


@pytest.mark.anyio
async def test_what_cannot_be_read_leaves_a_process_as_it_was_and_keeps_one_from_starting(
    in_force_folder: Path, shelf: CalibrationShelf, document: CalibrationDocument, loaded: Engines
) -> None:
    taken: list[Engines] = []
    watch = CalibrationWatch(loaded, shelf, taken.append)
    await watch.look()
    active = in_force_folder / "active.json"
    active.unlink()
    active.mkdir()
    with pytest.raises(IsADirectoryError):
        await watch.look()
    assert [each.face_calibration for each in taken] == [document.calibration]
    with pytest.raises(IsADirectoryError):
        await CalibrationWatch(loaded, shelf, taken.append).running().__aenter__()


def test_a_damaged_document_is_whole_again_when_it_is_proposed_again(
    in_force_folder: Path, shelf: CalibrationShelf, document: CalibrationDocument
) -> None:
    (in_force_folder / f"{document.digest}.json").write_bytes(b"")
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) is FACEPLUGIN_FR_1
    assert shelf.propose(document.to_bytes()) == document.digest
    assert in_force(shelf.active(), FACEPLUGIN_FR_1) == document.calibration


@pytest.mark.anyio
async def test_a_service_goes_by_what_is_in_force_before_it_serves(
    in_force_folder: Path, shelf: CalibrationShelf, document: CalibrationDocument, loaded: Engines
) -> None:
    taken: list[Engines] = []
    async with CalibrationWatch(loaded, shelf, taken.append).running():
        assert [each.face_calibration for each in taken] == [document.calibration]
