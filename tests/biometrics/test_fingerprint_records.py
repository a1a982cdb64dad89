"""Prints that come in others' formats: minutiae records in place of images, and images inside finger image records."""

import io
from functools import partial

import anyio
import numpy as np
import pytest
from PIL import Image

from services.biometrics.fingerprint import comparison
from services.biometrics.fingerprint.minutiae import FingerNotUsableError, Minutiae
from services.biometrics.fingerprint.records import QUALITY_UNREPORTED, minutiae_from_record, record_from_minutiae
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.images import ImageRefusedError, Refusal, open_print
from services.biometrics.refusals import NotSupportedError, NotUsableError
from services.biometrics.templates.engines import Engines, EngineThreads
from services.biometrics.templates.extraction import Extractor, SampleNotUsableError, check_supported
from services.biometrics.templates.features import FingerFeatures
from shared.contracts.osia import BiometricData, BiometricSubType, BiometricType
from shared.standards.iso19794_2 import MinutiaeRecord, MinutiaeRecordError, RecordFormat, read_minutiae_record
from shared.standards.iso19794_2 import write_minutiae_record as write_record
from tests.vectors import minutiae_records as vectors
from tests.vectors.finger_image_records import record_2011


def scattered(seed: int, count: int = 40) -> Minutiae:
    rng = np.random.default_rng(seed)
    radius, bearing = 120 * np.sqrt(rng.random(count)), rng.uniform(0, 2 * np.pi, count)
    return Minutiae(
        x=np.rint(200 + radius * np.cos(bearing)).astype(np.float32),
        y=np.rint(200 + radius * np.sin(bearing)).astype(np.float32),
        direction=rng.uniform(0, 6.28, count).astype(np.float32),
        quality=rng.uniform(0.01, 1, count).astype(np.float32),
        kind=rng.integers(0, 2, count).astype(np.uint8),
        width=400,
        height=400,
    )


@pytest.mark.parametrize("form", RecordFormat)
def test_minutiae_survive_the_way_there_and_back(form):
    ours = scattered(1)
    data = record_from_minutiae(ours, BiometricSubType.LEFT_INDEX, form, quality=70)
    again = minutiae_from_record(data, form)
    view = read_minutiae_record(data, form).views[0]
    assert (view.position, view.quality) == (7, 70)
    np.testing.assert_array_equal(again.x, ours.x)
    np.testing.assert_array_equal(again.y, ours.y)
    np.testing.assert_array_equal(again.kind, ours.kind)
    np.testing.assert_allclose(again.quality, ours.quality, atol=0.0051)
    turn = np.abs(again.direction - ours.direction)
    assert np.minimum(turn, 2 * np.pi - turn).max() <= np.radians(1.001)
    a, b = FingerTemplate.of(ours).cylinders, FingerTemplate.of(again).cylinders
    assert comparison.compare(a, b) > 0.85


def test_the_angle_means_the_same_on_both_sides():
    found = minutiae_from_record(vectors.ISO_2005, RecordFormat.ISO_19794_2)
    assert found.direction == pytest.approx(np.radians([45, 270]))
    assert found.quality == pytest.approx([0.9, QUALITY_UNREPORTED])
    assert (found.width, found.height, found.kind.tolist()) == (300, 400, [0, 1])


def test_other_resolutions_are_brought_to_500_dpi():
    found = minutiae_from_record(vectors.ISO_2011_CERTIFIED_FIVE_OCTETS, RecordFormat.ISO_19794_2_2011)
    assert (found.width, found.height) == (300, 400)
    assert found.y == pytest.approx([399.5], abs=1e-3)
    assert (found.y < found.height).all()


def test_more_than_one_print_and_more_than_a_finger_are_refused():
    view = read_minutiae_record(vectors.ISO_2005, RecordFormat.ISO_19794_2).views[0]
    form = RecordFormat.ISO_19794_2_2011
    with pytest.raises(MinutiaeRecordError, match="more than one print"):
        minutiae_from_record(write_record(MinutiaeRecord((view, view)), form), form)
    large = type(view)(1600, 1500, view.minutiae)
    with pytest.raises(FingerNotUsableError, match="TOO_LARGE"):
        minutiae_from_record(write_record(MinutiaeRecord((large,)), form), form)


def item(**values: object) -> BiometricData:
    return BiometricData(biometricType=BiometricType.FINGER, **values)


class _Finger:
    """Of the engine only its name is needed: a template has its minutiae already."""

    model_id = "named"


@pytest.fixture
def extract():
    threads = EngineThreads(1)
    extractor = Extractor(Engines(None, None, _Finger(), None), threads)  # type: ignore[arg-type]

    async def work(one: BiometricData):
        return await extractor.extract(one)

    yield lambda one: anyio.run(partial(work, one))
    anyio.run(threads.close)


@pytest.mark.parametrize("form", RecordFormat)
def test_a_template_stands_for_an_image(extract, form):
    data = record_from_minutiae(scattered(2), BiometricSubType.RIGHT_THUMB, form)
    sent = item(biometricSubType="RIGHT_THUMB", template=data, templateFormat=form.value)
    check_supported(sent)
    found = extract(sent)
    assert isinstance(found.features, FingerFeatures)
    assert found.features.position is BiometricSubType.RIGHT_THUMB
    assert (found.features.model_id, found.quality, found.quality_format) == ("foreign-mcc16b-1", None, None)
    itself = found.features.template.cylinders
    assert comparison.compare(itself, FingerTemplate.of(scattered(2)).cylinders) > 0.5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (vectors.ISO_2005[:-1], "DAMAGED"),
        (b"not a record", "DAMAGED"),
        (vectors.ISO_2005, "TOO_FEW_MINUTIAE"),
    ],
)
def test_a_template_that_cannot_be_used_says_why(extract, data, reason):
    with pytest.raises(SampleNotUsableError) as refused:
        extract(item(template=data, templateFormat="ISO_19794_2"))
    assert refused.value.reason == reason


def test_only_known_templates_of_fingers_are_taken():
    for form in (None, "ISO_19794_2_CS", "ANSI_378_2009", "iso_19794_2"):
        with pytest.raises(NotSupportedError, match="template"):
            check_supported(item(template=b"x", templateFormat=form))
    with pytest.raises(NotSupportedError, match="template"):
        check_supported(BiometricData(biometricType=BiometricType.FACE, template=b"x", templateFormat="ISO_19794_2"))
    with pytest.raises(NotSupportedError, match="no engine"):
        check_supported(item(biometricSubType="PLAIN_THUMBS", template=b"x", templateFormat="ISO_19794_2"))
    with pytest.raises(NotUsableError):
        check_supported(item())


GREY = np.random.default_rng(0).integers(0, 256, (100, 80), dtype=np.uint8)


def encoded(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(GREY).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("inside", "code"),
    [(GREY.tobytes(), 0), (encoded("PNG", dpi=(72, 72)), 6), (encoded("JPEG2000", irreversible=False), 5)],
)
def test_the_image_in_a_record_is_opened_at_the_records_resolution(inside, code):
    image = open_print(record_2011(inside, 80, 100, code, dpi=569))
    np.testing.assert_array_equal(image.pixels, GREY)
    assert image.dpi == 569
    assert open_print(record_2011(inside, 80, 100, code), dpi=508).dpi == 508


def test_wsq_in_a_record_is_opened():
    wsq = pytest.importorskip("wsq")
    assert wsq
    smooth = Image.fromarray(GREY).resize((320, 400), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    smooth.save(stream, "WSQ")
    assert open_print(record_2011(stream.getvalue(), 320, 400, 2)).pixels.shape == (400, 320)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (record_2011(GREY.tobytes(), 80, 100, 0, count=2), Refusal.SEVERAL_FRAMES),
        (record_2011(GREY.tobytes(), 80, 100, 0, dpi=100), Refusal.IMPLAUSIBLE_RESOLUTION),
        (record_2011(GREY.tobytes(), 80, 100, 0)[:-1], Refusal.DAMAGED),
        (record_2011(encoded("PNG"), 81, 100, 6), Refusal.DAMAGED),
        (record_2011(b"nothing known", 80, 100, 6), Refusal.UNKNOWN_FORMAT),
        (record_2011(record_2011(GREY.tobytes(), 80, 100, 0), 80, 100, 6), Refusal.DAMAGED),
        (record_2011(encoded("PNG"), 60_000, 60_000, 6), Refusal.TOO_MANY_PIXELS),
        (record_2011(bytes(64), 8, 8, 0), Refusal.TOO_SMALL),
    ],
)
def test_records_that_cannot_be_used_are_refused(record, reason):
    with pytest.raises(ImageRefusedError) as refused:
        open_print(record)
    assert refused.value.reason is reason
