"""`lindung evaluate enrolment` on drawn faces and drawn prints: who is counted where, and what stands on stdout."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import binomtest

from services.cli import main
from services.cli.evaluate import _document
from services.cli.proportions import wilson
from services.cli.trial import (
    Course,
    Presentation,
    Stratum,
    Subject,
    TooFewPeopleError,
    enrolment_body,
    recruit,
)
from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.registrations import RegistrationRequest
from tests.conftest import ROOT

PEOPLE = 4


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five people with two photos, one of whom the engine refuses, and one person with a single photo."""
    folder = tmp_path_factory.mktemp("faces")
    for number, person in enumerate(CAST[: PEOPLE + 2]):
        album = folder / f"person-{number}"
        album.mkdir()
        for shot in (1, 2) if number < PEOPLE + 1 else (1,):
            Image.fromarray(portray(person, shot)).save(album / f"{shot}.jpg", quality=92)
    Image.new("RGB", (400, 480), "grey").save(folder / "person-0" / "1.jpg")
    return folder


@pytest.fixture(scope="module")
def fingers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fingers in FVC's naming, each of a folder of its own; a third has one impression only."""
    folder = tmp_path_factory.mktemp("fingers")
    for database, name, impressions in (("DB1_B", 101, (1, 2, 3)), ("DB2_B", 101, (1, 2)), ("DB1_B", 102, (1,))):
        (folder / database).mkdir(exist_ok=True)
        finger = grow_finger(500 + len(list(folder.rglob("*.png"))))
        for impression in impressions:
            pixels = Image.fromarray(impress(finger, impression))
            if database == "DB2_B":  # its sensor has 569 dots per inch
                pixels = pixels.resize((round(pixels.width * 569 / 500), round(pixels.height * 569 / 500)))
            pixels.save(folder / database / f"{name}_{impression}.png")
    return folder


def evaluate(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a user has it: what stands on its two outputs is part of the contract."""
    environment = os.environ | {"LINDUNG_VAR": str(var), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "services.cli", "evaluate", "enrolment", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_whole_way(faces: Path, fingers: Path, tmp_path: Path):
    words = ["--faces", str(faces), "--fingers", str(fingers), "--people", str(PEOPLE), "--json"]
    done = evaluate(tmp_path / "var", *words)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    strata = {row["stratum"]: row for row in document["strata"]}
    assert {name: row["people"] for name, row in strata.items()} == {
        "real face + real print": 2,
        "real face + synthetic print": 2,
        "face only": 1,
    }
    total = document["all"]
    assert total["found"]["n"] == total["found"]["of"] == PEOPLE
    assert total["falsely_flagged_first"]["n"] == total["falsely_flagged_second"]["n"] == 0
    assert total["failed_to_enrol"] == {
        "n": 1,
        "of": PEOPLE + 1,
        "ci95": [0.0362, 0.6245],
        "reasons": {"photo: NO_FACE": 1},
    }
    assert document["enrolments"] == 2 * PEOPLE
    assert document["seconds_per_enrolment"]["median"] > 0
    assert not (tmp_path / "var").exists()  # the user's own folder is not touched


def test_too_few_people_is_told(faces: Path, fingers: Path):
    words = ["evaluate", "enrolment", "--faces", str(faces), "--fingers", str(fingers), "--people", "40"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "5 people have two photos; 50 are needed" in done.stderr


def test_who_is_recruited(faces: Path, fingers: Path):
    subjects = recruit(faces, fingers, PEOPLE, seed=1)
    assert sorted(each.number for each in subjects) == list(range(PEOPLE + 1))
    assert len({each.photos[0].parent for each in subjects}) == PEOPLE + 1
    assert all(each.photos[0].name < each.photos[1].name for each in subjects)
    real = [each.prints for each in subjects if each.stratum is Stratum.REAL_PRINT]
    assert sorted(prints.dpi for prints in real if prints) == [500, 569]
    assert recruit(faces, fingers, PEOPLE, seed=1) == subjects
    with pytest.raises(TooFewPeopleError):
        recruit(faces, fingers, PEOPLE + 2, seed=1)


def test_every_visit_is_another_adult_identity(faces: Path, fingers: Path):
    subjects = recruit(faces, fingers, PEOPLE, seed=1)
    bodies = [enrolment_body(subject, visit, len(subjects)) for subject in subjects for visit in (0, 1)]
    requests = [RegistrationRequest.model_validate(body) for body in bodies]
    assert len({request.born for request in requests}) == len(requests)
    assert all(date.fromisoformat(request.born) < date(2000, 1, 1) for request in requests)
    assert len({request.document.mrz for request in requests if request.document}) == len(requests)


def course(number: int, first: Presentation, second: Presentation | None) -> Course:
    return Course(Subject(number, Stratum.FACE_ONLY, (Path(), Path()), None), first, second)


def taken(registration: str, *named: str) -> Presentation:
    return Presentation(registration, frozenset(named), seconds=1.0)


def refused(reason: str) -> Presentation:
    return Presentation(None, refusals=(reason,))


def count(*courses: Course) -> dict[str, Any]:
    total = _document(courses, 1.0)["all"]
    return {name: (share["n"], share["of"]) for name, share in total.items() if name != "people"}


def test_found_and_falsely_flagged_are_counted_apart():
    counted = count(
        course(0, taken("A1"), taken("A2", "A1")),  # found
        course(1, taken("B1", "A1"), taken("B2", "B1", "A2")),  # found; a stranger named at both visits
        course(2, taken("C1"), taken("C2", "B1")),  # missed, and a stranger named
        course(3, taken("D1"), taken("D2")),  # missed
    )
    assert counted == {
        "found": (2, 4),
        "missed": (2, 4),
        "falsely_flagged_first": (1, 4),
        "falsely_flagged_second": (2, 4),
        "failed_to_enrol": (0, 4),
    }


def test_who_is_refused_is_neither_found_nor_missed():
    courses = [
        course(0, taken("A1"), taken("A2", "A1")),
        course(1, refused("photo: SEVERAL_FACES"), None),
        course(2, taken("C1"), refused("finger: TOO_FEW_MINUTIAE")),
    ]
    counted = count(*courses)
    assert counted["found"] == (1, 1)
    assert counted["falsely_flagged_first"] == (0, 2)
    assert counted["failed_to_enrol"] == (2, 3)
    reasons = _document(courses, 1.0)["all"]["failed_to_enrol"]["reasons"]
    assert reasons == {"finger: TOO_FEW_MINUTIAE": 1, "photo: SEVERAL_FACES": 1}


@given(st.integers(1, 5000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_is_what_scipy_computes(of: tuple[int, int]):
    theirs = binomtest(*of).proportion_ci(method="wilson")
    assert wilson(*of) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_nothing_tried_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
