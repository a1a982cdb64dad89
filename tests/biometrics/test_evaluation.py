"""What is measured from embeddings, templates and bans that are made up, so that the answer is known beforehand."""

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.biometrics.evaluation import charts, face, pages, peers
from services.biometrics.evaluation.charts import Histogram
from services.biometrics.evaluation.chimeras import Crowd, Faces, Fingers, bans_of, compare_faces, compare_fingers
from services.biometrics.evaluation.curves import ScoreCurves
from services.biometrics.evaluation.extraction import Extracted
from services.biometrics.evaluation.fingerprint import Protocol, measure_fingers, pairs_within
from services.biometrics.evaluation.folders import EmptyFolderError, Half, Photo, Print, find_photos, find_prints
from services.biometrics.evaluation.learned_fusion import LearnedFusion, learn
from services.biometrics.evaluation.person import (
    CAPTURES,
    FULL,
    Draw,
    compare_fusions,
    measure_persons,
    score_of,
    sum_of,
)
from services.biometrics.evaluation.targets import Models
from services.biometrics.evidence import Calibration, Rarity
from services.biometrics.face.calibration import DLIB_RESNET_V1
from services.biometrics.fingerprint.calibration import LEADER_MCC16B_1
from services.biometrics.identify.fusion import Comparison, fuse
from services.sandbox.fingers import grow_finger, impress
from shared.contracts.osia import BiometricSubType, BiometricType


def nothing() -> None:
    """No progress is shown."""


def photos(people: int, each: int, noise: float, seed: int = 1) -> Extracted[Photo, np.ndarray]:
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(people, 64))
    vectors = np.repeat(middles, each, axis=0) + noise * rng.normal(size=(people * each, 64))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    sources = [Photo(f"p{place // each}", Path(f"{place}.jpg")) for place in range(people * each)]
    return Extracted(sources, list(unit), {"NO_FACE": 2}, [5.0, 7.0, 9.0])


def test_faces_that_are_far_apart_are_never_confused():
    figures = face.measure_faces(photos(20, 3, 0.05)).document
    assert figures["eer"] == 0
    assert figures["rank1"] == 1
    assert figures["tar"] == {"1e-2": 1.0, "1e-3": None, "1e-4": None, "1e-5": None, "1e-6": None}
    assert figures["tpir_at_fpir"] == {"0.01": None, "0.001": None}  # 40 searches say nothing of one in a hundred
    assert figures["n_genuine"] == 20 * 3
    assert figures["n_impostor"] == 20 * 19 // 2 * 9
    assert figures["fte"] == pytest.approx(2 / 62, abs=1e-6)
    assert figures["cpu_ms_per_photo"] == 7.0
    assert figures["ci"]["eer"][1] > 0.1  # twenty people are few, though nobody was confused


def test_blocks_give_what_the_whole_matrix_gives(monkeypatch: pytest.MonkeyPatch):
    extracted = photos(40, 3, 0.8)
    vectors, owner = np.stack(extracted.samples), np.repeat(np.arange(40), 3)
    scores = (vectors @ vectors.T).astype(float)
    one, other = np.triu_indices(120, 1)
    same = owner[one] == owner[other]
    whole = ScoreCurves(scores[one, other][same], scores[one, other][~same])
    monkeypatch.setattr(face, "_BLOCK", 7)
    monkeypatch.setattr(face, "_KEPT_STRANGERS", 3000)
    pairs, histogram = face.compare_all(vectors, owner)
    assert len(pairs.strangers) == 3000 < pairs.n_strangers == (~same).sum()
    curves = pairs.curves()
    assert curves.equal_error_rate() == pytest.approx(whole.equal_error_rate(), abs=1e-3)
    assert curves.false_negatives_at(0.01) == pytest.approx(whole.false_negatives_at(0.01), abs=0.02)
    assert (int(histogram.mates.sum()), int(histogram.strangers.sum())) == (same.sum(), (~same).sum())
    searches = face.search_all(vectors, owner)
    assert searches is not None
    gallery = scores[:, ::3]
    for place, probe in enumerate(p for p in range(120) if p % 3):
        mate = gallery[probe, probe // 3]
        assert searches.mates[place] == pytest.approx(mate, abs=1e-6)
        assert searches.ranks[place] == 1 + (np.delete(gallery[probe], probe // 3) >= mate).sum()


def test_one_photo_each_has_no_mates():
    figures = face.measure_faces(photos(10, 1, 0.1))
    assert figures.document["eer"] is None
    assert figures.document["rank1"] is None
    assert pages.face_report(figures, ()).html()


def test_a_group_that_looks_alike_is_seen():
    alike, apart = photos(25, 2, 0.1), photos(25, 2, 0.1, seed=2)
    close = [vector + 8 * alike.samples[0] for vector in alike.samples]
    vectors = [each / np.linalg.norm(each) for each in close] + apart.samples
    sources = alike.sources + [Photo(f"q{each.person}", each.path) for each in apart.sources]
    groups = {each.person: "apart" if each.person.startswith("q") else "alike" for each in sources}
    document = face.measure_faces(Extracted(sources, vectors, {}, []), groups).document
    assert document["by_group"]["alike"]["fmr"] > 0
    assert document["by_group"]["apart"]["fmr"] == 0
    assert document["by_group"]["apart"]["n_impostor"] == 25 * 24 // 2 * 4


class Numbers:
    """Compares prints that are numbers: the nearer the more alike."""

    model_id = "numbers"

    def extract(self, grey: np.ndarray, dpi: int) -> float:
        raise NotImplementedError

    def compare(self, a: float, b: float) -> float:
        return -abs(a - b)


def prints(fingers: int, impressions: int, spread: float, databases: Sequence[str] = ("DB1_B", "DB2_B")):
    rng = np.random.default_rng(3)
    sources, samples = [], []
    for database in databases:
        for finger in range(fingers):
            for impression in range(1, impressions + 1):
                sources.append(Print(database, 101 + finger, impression, Path("x.png"), 500))
                samples.append(100.0 * finger + spread * float(rng.normal()))
    return Extracted(sources, samples, {}, [400.0])


def test_the_fvc_protocol_counts_what_fvc_counts():
    extracted = prints(10, 8, 1.0)
    assert pairs_within(extracted.sources) == 2 * 80 * 79 // 2
    document = measure_fingers(Numbers(), extracted, Protocol.FVC, nothing).document
    row = document["databases"]["DB1_B"]
    assert (row["n_genuine"], row["n_impostor"]) == (280, 45)
    assert row["all_impostors"]["n_impostor"] == 45 * 64
    assert (row["eer"], row["fmr100"], row["fmr1000"], row["zerofmr"]) == (0, 0, 0, 0)
    assert document["mean"]["n_genuine"] == 560
    assert row["ci"]["eer"] == [0, pytest.approx(1 - 0.025 ** (1 / 10), abs=1e-6)]
    every = measure_fingers(Numbers(), extracted, Protocol.ALL, nothing).document
    assert every["databases"]["DB1_B"]["n_impostor"] == 45 * 64


def test_prints_that_vary_are_confused():
    document = measure_fingers(Numbers(), prints(6, 4, 60.0), Protocol.ALL, nothing).document
    mean = document["mean"]
    assert 0 < mean["eer"] < 0.5
    assert mean["fmr100"] <= mean["fmr1000"] <= mean["zerofmr"] <= 1
    low, high = document["ci"]["eer"]
    assert low <= mean["eer"] <= high
    assert document["comparisons_per_s"] > 0


def test_a_mate_that_is_missing_does_not_stop_it():
    extracted = prints(3, 1, 1.0, ("DB1_B",))
    document = measure_fingers(Numbers(), extracted, Protocol.FVC, nothing).document
    assert document["mean"]["eer"] is None


@pytest.mark.parametrize(
    ("names", "dpi"),
    [("fvc2002/DB2_B", 569), ("fvc2002/DB3_B", 500), ("fvc2004/DB3_B", 512), ("fvc2004/DB2_A", 500), ("DB2", 569)],
)
def test_resolution_by_folder(tmp_path: Path, names: str, dpi: int):
    folder = tmp_path / names
    folder.mkdir(parents=True)
    (folder / "101_1.png").touch()
    assert [each.dpi for each in find_prints(folder.parent)] == [dpi]
    assert [each.dpi for each in find_prints(folder)] == [dpi]  # flat
    assert [each.dpi for each in find_prints(folder.parent, dpi={folder.name: 1000})] == [1000]
    assert [each.dpi for each in find_prints(folder.parent, dpi={folder.name[:3]: 1000})] == [1000]


def test_halves_are_all_and_nobody_twice(tmp_path: Path):
    for name in ("ann", "bea", "cid", "dan", "eve", "fay"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").touch()
        (tmp_path / name / "notes.txt").touch()
    both = [{each.person for each in find_photos(tmp_path, half)} for half in (Half.CALIBRATION, Half.HELD_OUT)]
    assert both[0] | both[1] == {each.person for each in find_photos(tmp_path)}
    assert not both[0] & both[1]
    flat = tmp_path / "prints"
    flat.mkdir()
    for finger in range(101, 111):
        (flat / f"{finger}_1.tif").touch()
    assert [each.finger for each in find_prints(flat, Half.HELD_OUT)] == [106, 107, 108, 109, 110]


def test_an_empty_folder_is_told(tmp_path: Path):
    with pytest.raises(EmptyFolderError):
        find_photos(tmp_path)
    with pytest.raises(EmptyFolderError):
        find_prints(tmp_path)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20))
def test_bans_of_many_are_the_calibrations(scores: list[float]):
    for calibration in (DLIB_RESNET_V1, LEADER_MCC16B_1):
        expected = [calibration.bans(score) for score in scores]
        assert bans_of(calibration, np.array(scores)) == pytest.approx(expected, abs=1e-5)


CALIBRATED = {
    "face": Calibration("face", "made up", ((0.1, 0.301), (0.5, 6.0)), ((0.0, 2.8), (0.9, 0.3))),
    "finger": Calibration("finger", "made up", ((0.01, 0.301), (0.06, 6.0)), ((0.0, 2.8), (0.3, 0.3))),
}
SCORES = {name: [score for score, _ in each.strangers] for name, each in CALIBRATED.items()}
MODELS = Models(Rarity(CALIBRATED), "face", "finger")


def compared(kind: BiometricType, bans: float, position: BiometricSubType | None = None) -> Comparison:
    model = MODELS.face if kind is BiometricType.FACE else MODELS.finger
    return Comparison(kind, 0.0, bans, model, probe_position=position, position=position)


@given(st.tuples(*[st.floats(-2.5, 6, width=32)] * 3))
def test_the_sum_is_what_the_product_fuses(bans: tuple[float, float, float]):
    items = [
        compared(BiometricType.FACE, bans[0]),
        compared(BiometricType.FINGER, bans[1], BiometricSubType.RIGHT_INDEX),
        compared(BiometricType.FINGER, bans[2], BiometricSubType.LEFT_INDEX),
    ]
    evidence = [np.array([each], dtype=np.float32) for each in bans]
    for capture, places in CAPTURES.items():
        fused = fuse((items[place] for place in places), MODELS.rarity)
        assert sum_of(capture)(evidence)[0] == pytest.approx(fused.bans, abs=1e-5)
        assert score_of(capture, MODELS)(evidence)[0] == pytest.approx(fused.score, abs=1e-3)


def chimeric(people: int = 30, face_gap: float = 5.0, finger_gap: float = 6.0, seed: int = 5):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 2)
    bans = rng.normal(-2, 1, (2 * people, people))
    bans[np.arange(2 * people), person] += face_gap
    fingers = []
    for _ in range(2):
        square = rng.normal(-2, 1, (6, 4, 6, 4))
        for finger in range(6):
            square[finger, :, finger] += finger_gap
        fingers.append(Fingers(square.astype(np.float32), np.full(6, 4)))
    return Faces(bans.astype(np.float32), person), fingers


def test_a_crowd_never_has_the_probes_own_face_or_fingers():
    faces, fingers = chimeric(face_gap=1000.0, finger_gap=1000.0)
    crowd = Crowd(faces, fingers, size=500, searches=90, seed=1)
    assert len(crowd) == 90
    for search in range(len(crowd)):
        evidence = crowd.evidence(search)
        assert min(evidence.mate) > 900
        assert max(float(part.max()) for part in evidence.crowd) < 900
        assert {len(part) for part in evidence.crowd} == {500}
        borrowed = crowd.borrowed[search]
        assert borrowed.fingers[0] != borrowed.fingers[1]
        assert all(a != b for a, b in zip(borrowed.enrolled, borrowed.searched, strict=True))


def test_more_that_was_captured_misses_fewer():
    figures = measure_persons(*chimeric(face_gap=4.0, finger_gap=4.0), MODELS, Draw(2000, 1000), nothing)
    document = figures.document
    assert document["gallery"] == 2030
    rows = document["by_capture"]
    missed = [rows[name]["fnir_at_fpir"]["0.01"] for name in ("face", "face + 1 finger", FULL)]
    assert missed[0] > missed[1] > missed[2]
    assert document["fnir_at_fpir"] == rows[FULL]["fnir_at_fpir"]
    assert document["rank1"] > rows["face"]["rank1"]
    threshold = rows[FULL]["threshold_at_fpir"]["0.01"]
    assert figures.curves[FULL].false_positive_rate(threshold) <= 0.01
    again = measure_persons(*chimeric(face_gap=4.0, finger_gap=4.0), MODELS, Draw(2000, 1000), nothing)
    assert again.document == document


def test_the_default_threshold_gives_the_target_fpir_to_strangers_of_the_calibration():
    rng = np.random.default_rng(11)

    def strangers(model: str, *shape: int):
        tail = CALIBRATED[model]
        scores = np.interp(-np.log10(rng.uniform(size=shape)), [level for _, level in tail.strangers], SCORES[model])
        return bans_of(tail, scores)

    faces = Faces(strangers(MODELS.face, 400, 200), np.arange(400) % 200)
    fingers = [Fingers(strangers(MODELS.finger, 12, 4, 12, 4), np.full(12, 4)) for _ in range(4)]
    document = measure_persons(faces, fingers, MODELS, Draw(0, 800), nothing).document["at_target"]
    for name, part in document.items():
        at = part["targets"]["0.01"]["100"]
        assert at["threshold"] == pytest.approx(4.0)
        assert 0.003 < at["fpir"] < 0.03, name
        assert at["ci"]["fpir"][0] < at["fpir"] < at["ci"]["fpir"][1]
    assert document["face"]["distinct"] == 199
    assert document[FULL]["distinct"] == 199 * (10 * 9 * 16)


def test_few_searches_say_nothing_of_a_rare_rate():
    document = measure_persons(*chimeric(), MODELS, Draw(100, 120), nothing).document
    assert document["fnir_at_fpir"]["0.01"] is not None
    assert document["fnir_at_fpir"]["0.001"] is None


def test_weights_are_learned_where_one_modality_says_nothing():
    rng = np.random.default_rng(9)
    mates, strangers = rng.normal(1, 1, (2000, 2)), rng.normal(-1, 1, (2000, 2))
    mates[:, 1], strangers[:, 1] = rng.normal(0, 1, 2000), rng.normal(0, 1, 2000)
    found = learn(mates, strangers)
    assert found.weights[0] == pytest.approx(2 / np.log(10), rel=0.1)  # the likelihood ratio of two normals: exp(2 x)
    assert found.weights[1] == pytest.approx(0, abs=0.06)
    assert found.intercept == pytest.approx(0, abs=0.06)


def test_the_better_finger_counts_as_the_better_one():
    fusion = LearnedFusion((1.0, 10.0, 100.0), 0.5)
    one, other = np.array([2.0, 1.0], np.float32), np.array([1.0, 2.0], np.float32)
    assert fusion.bans([np.zeros(2, np.float32), one, other]).tolist() == [120.5, 120.5]
    assert LearnedFusion((1.0, 10.0), 0).bans([one, one, other]).tolist() == [22.0, 11.0]


def test_fusions_are_compared_on_people_that_were_not_learned_from():
    halves = chimeric(seed=6), chimeric(seed=7)
    calls = []
    document = compare_fusions(*halves, Draw(300, 200), lambda: calls.append(1))
    assert len(calls) == 400
    assert set(document["learned"]["weights"]) == {"face", "better_finger", "other_finger"}
    middle, low, high = document["gain"]["0.01"]
    assert low <= middle <= high


def test_evidence_of_real_templates_is_symmetric():
    extracted = prints(4, 2, 1.0, ("DB1_B",))
    (fingers,) = compare_fingers(Numbers(), extracted, LEADER_MCC16B_1, nothing)
    assert fingers.bans.shape == (4, 2, 4, 2)
    assert np.array_equal(fingers.bans, fingers.bans.transpose(2, 3, 0, 1))
    with pytest.raises(EmptyFolderError):
        compare_fingers(Numbers(), prints(3, 2, 1.0), LEADER_MCC16B_1, nothing)
    with pytest.raises(EmptyFolderError):
        compare_faces(photos(5, 1, 0.1), DLIB_RESNET_V1)


@pytest.mark.skipif(not peers.is_installed(), reason="nbis-py is not installed")
def test_nbis_tells_two_fingers_apart():
    nbis = peers.NbisComparer()
    finger, other = grow_finger(21), grow_finger(22)
    a, b, c = (nbis.extract(impress(*each), 500) for each in ((finger, 0), (finger, 1), (other, 0)))
    assert nbis.compare(a, b) > nbis.compare(a, c)


class Page(HTMLParser):
    """Every tag of a page, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "line", "polyline", "polygon"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"line", "polyline", "polygon"}:
            assert self.open.pop() == tag


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    assert page.open == []
    return page


def test_reports_stand_alone():
    fingers = measure_fingers(Numbers(), prints(6, 4, 60.0), Protocol.FVC, nothing)
    reports = [
        pages.face_report(face.measure_faces(photos(30, 3, 0.9)), [("command", "lindung <b>")]),
        pages.finger_report(fingers, "numbers", (), {"<other>": fingers.document}),
        pages.person_report(measure_persons(*chimeric(), MODELS, Draw(100, 120), nothing), ()),
    ]
    for report in reports:
        html = report.html()
        page = read(html)
        names = [tag for tag, _ in page.tags]
        assert {"script", "link", "img", "iframe"}.isdisjoint(names)
        assert "http" not in html
        assert "url(" not in html
        assert names.count("svg") == names.count("desc") == 2
        assert all(attributes.get("role") == "img" for tag, attributes in page.tags if tag == "svg")
        assert "<b>" not in html
        assert "nan" not in html


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(1e-7, 1), st.floats(0, 1)), max_size=10))
def test_any_curve_can_be_drawn(points: list[tuple[float, float]]):
    read(charts.det_chart([("a <curve>", sorted(points))], "FMR", "FNMR"))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=20))
def test_any_histogram_can_be_drawn(counts: list[int]):
    edges = np.linspace(-1, 1, len(counts) + 1)
    read(charts.histogram_chart(Histogram(edges, np.array(counts), np.array(counts[::-1])), "score"))
