"""Finger image records: hand-made vectors, and nothing damaged gets through as something else than an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.standards.iso19794_4 import (
    Compression,
    FingerImageRecordError,
    FingerImageView,
    is_finger_image_record,
    read_finger_image_record,
)
from tests.vectors.finger_image_records import PIXELS, RAW_2005, RAW_2011, record_2011

WHOLE = (RAW_2005, RAW_2011)


def test_2005_is_read_as_published():
    assert read_finger_image_record(RAW_2005) == (FingerImageView(7, 500, 4, 2, 8, Compression.RAW, PIXELS),)


def test_2011_is_read_as_published():
    assert read_finger_image_record(RAW_2011) == (FingerImageView(2, 500, 4, 2, 8, Compression.RAW, PIXELS),)


def test_records_are_known_by_their_first_octets():
    assert all(map(is_finger_image_record, WHOLE))
    assert not any(map(is_finger_image_record, (b"", b"FIR\x00", b"FIR\x00030\x00", b"FMR\x00 20\x00", b"\x89PNG\r\n")))


@pytest.mark.parametrize(
    ("code", "compression"),
    [
        (2, Compression.WSQ),
        (3, Compression.JPEG),
        (4, Compression.JPEG2000),
        (5, Compression.JPEG2000),
        (6, Compression.PNG),
    ],
)
def test_compressed_images_are_handed_on_as_they_are(code, compression):
    view = read_finger_image_record(record_2011(b"a file", 300, 400, code))[0]
    assert (view.compression, view.data, view.width, view.height) == (compression, b"a file", 300, 400)


def test_the_codes_of_2005_are_its_own():
    data = bytearray(RAW_2005)
    data[29] = 5
    assert read_finger_image_record(bytes(data))[0].compression is Compression.PNG
    data[29] = 6
    with pytest.raises(FingerImageRecordError, match="reserved"):
        read_finger_image_record(bytes(data))


@pytest.mark.parametrize(("per_cm", "dpi"), [(98, 250), (99, 251), (197, 500), (200, 508), (394, 1000)])
def test_pixels_per_centimetre_become_dpi(per_cm, dpi):
    data = bytearray(RAW_2005)
    data[24:28] = per_cm.to_bytes(2, "big") * 2
    assert read_finger_image_record(bytes(data))[0].dpi == dpi


def test_several_images():
    assert len(read_finger_image_record(record_2011(PIXELS, 4, 2, 0, count=10))) == 10
    with pytest.raises(FingerImageRecordError, match="number of images"):
        read_finger_image_record(record_2011(PIXELS, 4, 2, 0, count=65))


@pytest.mark.parametrize("whole", WHOLE)
def test_every_cut_and_every_addition_is_refused(whole):
    for length in range(len(whole)):
        with pytest.raises(FingerImageRecordError):
            read_finger_image_record(whole[:length])
    with pytest.raises(FingerImageRecordError):
        read_finger_image_record(whole + b"\x00")


@pytest.mark.parametrize(
    ("at", "octets", "why"),
    [
        (4, b"030\x00", "edition"),
        (18, b"\x00", "number of images"),
        (19, b"\x00", "scale units"),
        (24, b"\x00\xc6", "resolutions differ"),
        (24, b"\x00\x00\x00\x00", "resolutions"),
        (28, b"\x11", "bit depth"),
        (32, b"\x00\x00\x00\x03", "too short"),
        (32, b"\x00\x00\x00\x17", "ends"),
        (41, b"\x00\x00", "no size"),
        (41, b"\x00\x05", "raw pixels"),
    ],
)
def test_each_impossible_field_is_refused(at, octets, why):
    data = bytearray(RAW_2005)
    data[at : at + len(octets)] = octets
    with pytest.raises(FingerImageRecordError, match=why):
        read_finger_image_record(bytes(data))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 255)), max_size=4))
def test_damaged_records_are_refused_or_plausible(whole, changes):
    data = bytearray(whole)
    for at, value in changes:
        data[at % len(data)] = value
    try:
        views = read_finger_image_record(bytes(data))
    except FingerImageRecordError:
        return
    assert all(view.width > 0 and view.height > 0 and view.dpi > 0 for view in views)
    assert sum(len(view.data) for view in views) < len(data)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WHOLE), st.integers(0, 60), st.binary(max_size=100))
def test_arbitrary_bytes_are_refused_or_plausible(whole, kept, tail):
    try:
        views = read_finger_image_record(whole[:kept] + tail)
    except FingerImageRecordError:
        return
    assert all(len(view.data) <= len(tail) + kept for view in views)
