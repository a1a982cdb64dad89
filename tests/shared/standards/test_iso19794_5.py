"""Face image records: hand-made vectors, and nothing damaged gets through as something else than an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.standards.iso19794_5 import (
    FaceCompression,
    FaceImageRecordError,
    FaceImageView,
    is_face_image_record,
    read_face_image_record,
)
from tests.vectors.face_image_records import FACE_2005, FACE_2011, IMAGE, face_record_2005, face_record_2011

WHOLE = (FACE_2005, FACE_2011)


def test_2005_is_read_as_published() -> None:
    assert read_face_image_record(FACE_2005) == (FaceImageView(420, 540, FaceCompression.JPEG, IMAGE),)


def test_2011_is_read_as_published() -> None:
    assert read_face_image_record(FACE_2011) == (FaceImageView(420, 540, FaceCompression.JPEG2000, IMAGE),)


def test_records_are_known_by_their_first_octets() -> None:
    assert all(map(is_face_image_record, WHOLE))
    assert not any(map(is_face_image_record, (b"", b"FAC\x00", b"FAC\x00020\x00", b"FIR\x00010\x00", IMAGE)))


@pytest.mark.parametrize(
    ("code", "compression"),
    [
        (0, FaceCompression.JPEG),
        (1, FaceCompression.JPEG2000),
        (2, FaceCompression.JPEG2000),
        (3, FaceCompression.PNG),
    ],
)
def test_the_codes_of_2011(code: int, compression: FaceCompression) -> None:
    (view,) = read_face_image_record(face_record_2011(b"a file", 300, 400, code))
    assert view == FaceImageView(300, 400, compression, b"a file")


@pytest.mark.parametrize("data", [face_record_2011(b"a file", code=4), face_record_2011(b""), face_record_2005(b"")])
def test_reserved_codes_and_empty_images_are_refused(data: bytes) -> None:
    with pytest.raises(FaceImageRecordError):
        read_face_image_record(data)


def test_certified_records_are_refused() -> None:
    data = bytearray(FACE_2011)
    data[14] = 1
    with pytest.raises(FaceImageRecordError, match="certification"):
        read_face_image_record(bytes(data))


@given(st.binary(min_size=1, max_size=200), st.integers(0, 65535), st.integers(0, 65535))
def test_what_is_put_in_comes_out(image: bytes, width: int, height: int) -> None:
    for record in (face_record_2005(image, width, height), face_record_2011(image, width, height)):
        (view,) = read_face_image_record(record)
        assert (view.data, view.width, view.height) == (image, width, height)


@pytest.mark.parametrize("whole", WHOLE)
def test_a_cut_or_lengthened_record_is_refused(whole: bytes) -> None:
    for length in range(len(whole)):
        with pytest.raises(FaceImageRecordError):
            read_face_image_record(whole[:length])
    with pytest.raises(FaceImageRecordError):
        read_face_image_record(whole + b"\x00")


@settings(max_examples=300)
@given(st.sampled_from(WHOLE), st.data())
def test_a_damaged_record_is_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read_face_image_record(bytes(damaged))
    except FaceImageRecordError:
        return
