"""Finger minutiae records: hand-made vectors, what is written is read again, and nothing else ever gets through."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.standards.iso19794_2 import (
    Extension,
    FingerView,
    Minutia,
    MinutiaeRecord,
    MinutiaeRecordError,
    MinutiaKind,
    RecordFormat,
    read_minutiae_record,
    write_minutiae_record,
)
from tests.vectors import minutiae_records as vectors

ENDING = Minutia(100, 200, 45.0, MinutiaKind.ENDING, 90)
BIFURCATION = Minutia(150, 260, 270.0, MinutiaKind.BIFURCATION, None)
PRINT = FingerView(300, 400, (ENDING, BIFURCATION), position=2, quality=80)
WHOLE = {
    RecordFormat.ISO_19794_2: vectors.ISO_2005,
    RecordFormat.ISO_19794_2_2011: vectors.ISO_2011,
    RecordFormat.ANSI_378: vectors.ANSI_2004,
}
UNIT_DEG = {RecordFormat.ISO_19794_2: 1.40625, RecordFormat.ISO_19794_2_2011: 1.40625, RecordFormat.ANSI_378: 2.0}
forms = st.sampled_from(RecordFormat)


def test_iso_2005_is_read_as_published():
    record = read_minutiae_record(vectors.ISO_2005, RecordFormat.ISO_19794_2)
    assert record == MinutiaeRecord((PRINT,))
    assert write_minutiae_record(record, RecordFormat.ISO_19794_2) == vectors.ISO_2005


def test_iso_2005_keeps_extended_data():
    record = read_minutiae_record(vectors.ISO_2005_WITH_RIDGE_COUNTS, RecordFormat.ISO_19794_2)
    assert record.views[0].extensions == (Extension(1, b"\x00\x01\x02\x05"),)
    assert write_minutiae_record(record, RecordFormat.ISO_19794_2) == vectors.ISO_2005_WITH_RIDGE_COUNTS


def test_iso_2011_is_read_as_published():
    record = read_minutiae_record(vectors.ISO_2011, RecordFormat.ISO_19794_2_2011)
    assert record.views[0].captured == datetime(2025, 2, 3, 4, 5, 6, 7000, tzinfo=UTC)
    assert record.views[0].minutiae == (ENDING, BIFURCATION)
    assert (record.views[0].position, record.views[0].quality) == (2, 80)
    assert write_minutiae_record(record, RecordFormat.ISO_19794_2_2011) == vectors.ISO_2011


def test_iso_2011_with_certification_and_five_octets_a_minutia():
    view = read_minutiae_record(vectors.ISO_2011_CERTIFIED_FIVE_OCTETS, RecordFormat.ISO_19794_2_2011).views[0]
    assert (view.width, view.height, view.resolution_x) == (600, 800, 394)
    assert (view.position, view.number, view.impression) == (7, 1, 9)
    assert (view.quality, view.captured) == (None, None)
    assert view.minutiae == (Minutia(0, 799, 255 * 1.40625, MinutiaKind.OTHER, None),)


def test_ansi_2004_is_read_as_published():
    record = read_minutiae_record(vectors.ANSI_2004, RecordFormat.ANSI_378)
    assert record.views[0].minutiae == (Minutia(100, 200, 44.0, MinutiaKind.ENDING, 90), BIFURCATION)
    assert write_minutiae_record(record, RecordFormat.ANSI_378) == vectors.ANSI_2004
    assert write_minutiae_record(MinutiaeRecord((PRINT,)), RecordFormat.ANSI_378) == vectors.ANSI_2004


def test_ansi_2004_has_a_longer_length_field_for_longer_records():
    crowded = FingerView(300, 400, (ENDING,) * 255, position=2)
    many = MinutiaeRecord((crowded,) * 50)
    data = write_minutiae_record(many, RecordFormat.ANSI_378)
    assert data[8:10] == b"\x00\x00"
    assert int.from_bytes(data[8:14], "big") == len(data) > 1 << 16
    assert read_minutiae_record(data, RecordFormat.ANSI_378).views[49].minutiae[254].x == 100


@pytest.mark.parametrize("written", RecordFormat)
@pytest.mark.parametrize("read", RecordFormat)
def test_another_edition_is_refused(written, read):
    if written is not read:
        with pytest.raises(MinutiaeRecordError):
            read_minutiae_record(WHOLE[written], read)


@pytest.mark.parametrize("form", RecordFormat)
def test_every_cut_and_every_addition_is_refused(form):
    whole = WHOLE[form]
    for length in range(len(whole)):
        with pytest.raises(MinutiaeRecordError):
            read_minutiae_record(whole[:length], form)
    with pytest.raises(MinutiaeRecordError):
        read_minutiae_record(whole + b"\x00", form)


@pytest.mark.parametrize(
    ("at", "octets", "why"),
    [
        (0, b"FIR\x00", "format"),
        (4, b" 30\x00", "version"),
        (11, b"\x2b", "length"),
        (14, b"\x00\x64", "off the image"),  # x of 100 on an image 100 wide
        (16, b"\x00\x00", "side"),
        (18, b"\x00\x61", "resolution"),
        (22, b"\x00", "number of views"),
        (22, b"\xff", "number of views"),
        (23, b"\x01", "reserved octet"),
        (24, b"\x0b", "finger position"),
        (26, b"\x65", "quality"),
        (27, b"\x03", "ends"),
        (28, b"\xc0\x64", "type is reserved"),
        (30, b"\x40\xc8", "off the image"),  # a reserved bit of y
        (33, b"\x65", "quality"),
        (40, b"\x00\x01", "ends"),
    ],
)
def test_each_impossible_field_is_refused(at, octets, why):
    data = bytearray(vectors.ISO_2005)
    data[at : at + len(octets)] = octets
    with pytest.raises(MinutiaeRecordError, match=why):
        read_minutiae_record(bytes(data), RecordFormat.ISO_19794_2)


@pytest.mark.parametrize(
    ("at", "octets", "why"),
    [
        (12, b"\x00\x00", "number of views"),
        (14, b"\x02", "certification flag"),
        (18, b"\x3c", "ends"),
        (21, b"\x0d", "capture date"),  # month 13
        (34, b"\x65", "quality"),
        (50, b"\x70", "octets"),
        (50, b"\x62", "ridge ending type"),
    ],
)
def test_each_impossible_field_of_2011_is_refused(at, octets, why):
    data = bytearray(vectors.ISO_2011)
    data[at : at + len(octets)] = octets
    with pytest.raises(MinutiaeRecordError, match=why):
        read_minutiae_record(bytes(data), RecordFormat.ISO_19794_2_2011)


def test_an_angle_over_a_turn_is_refused():
    data = bytearray(vectors.ANSI_2004)
    data[34] = 180
    with pytest.raises(MinutiaeRecordError, match="more than a turn"):
        read_minutiae_record(bytes(data), RecordFormat.ANSI_378)


@pytest.mark.parametrize(
    "views",
    [
        (),
        (FingerView(0, 400, ()),),
        (FingerView(300, 400, (Minutia(300, 0, 0.0),)),),
        (FingerView(300, 400, (Minutia(0, 0, 360.0),)),),
        (FingerView(300, 400, (ENDING,) * 256),),
        (FingerView(300, 400, (), position=12),),
        (FingerView(300, 400, (), extensions=(Extension(1, bytes(1 << 16)),)),),
        (FingerView(300, 400, (), extensions=(Extension(1, bytes(40_000)),) * 2),),
    ],
)
@pytest.mark.parametrize("form", RecordFormat)
def test_what_a_record_cannot_say_is_not_written(views, form):
    with pytest.raises(MinutiaeRecordError):
        write_minutiae_record(MinutiaeRecord(views), form)


def test_the_first_editions_have_one_image_size():
    views = (FingerView(300, 400, (ENDING,)), FingerView(301, 400, (ENDING,), number=1))
    assert len(read_back(MinutiaeRecord(views), RecordFormat.ISO_19794_2_2011).views) == 2
    with pytest.raises(MinutiaeRecordError, match="one image size"):
        write_minutiae_record(MinutiaeRecord(views), RecordFormat.ISO_19794_2)


@st.composite
def records(draw: st.DrawFn) -> MinutiaeRecord:
    width, height = draw(st.integers(1, 800)), draw(st.integers(1, 800))
    minutiae = st.builds(
        Minutia,
        x=st.integers(0, width - 1),
        y=st.integers(0, height - 1),
        angle_deg=st.floats(0, 360, exclude_max=True),
        kind=st.sampled_from(MinutiaKind),
        quality=st.none() | st.integers(1, 100),
    )
    views = st.builds(
        FingerView,
        width=st.just(width),
        height=st.just(height),
        minutiae=st.lists(minutiae, max_size=20).map(tuple),
        position=st.integers(0, 10),
        number=st.integers(0, 15),
        impression=st.integers(0, 9),
        quality=st.none() | st.integers(1, 100),
        extensions=st.lists(st.builds(Extension, st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=3).map(
            tuple
        ),
    )
    return MinutiaeRecord(tuple(draw(st.lists(views, min_size=1, max_size=4))))


def read_back(record: MinutiaeRecord, form: RecordFormat) -> MinutiaeRecord:
    return read_minutiae_record(write_minutiae_record(record, form), form)


@settings(max_examples=100, deadline=None)
@given(records(), forms)
def test_what_is_written_is_read_again(record, form):
    again = read_back(record, form)
    assert read_back(again, form) == again
    for one, other in zip(record.views, again.views, strict=True):
        assert (one.position, one.number, one.impression, one.quality) == (
            other.position,
            other.number,
            other.impression,
            other.quality,
        )
        assert one.extensions == other.extensions
        for a, b in zip(one.minutiae, other.minutiae, strict=True):
            assert (a.x, a.y, a.kind, a.quality) == (b.x, b.y, b.kind, b.quality)
            apart = abs(a.angle_deg - b.angle_deg)
            assert min(apart, 360 - apart) <= UNIT_DEG[form] / 2 + 1e-9


@given(st.datetimes(timezones=st.just(UTC)) | st.none())
def test_a_capture_date_is_kept_to_the_millisecond(at):
    view = FingerView(300, 400, (ENDING,), captured=at)
    again = read_back(MinutiaeRecord((view,)), RecordFormat.ISO_19794_2_2011).views[0].captured
    assert again == at or (
        at is not None and again is not None and timedelta(0) <= at - again < timedelta(milliseconds=1)
    )


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 255)), max_size=4))
def test_damaged_records_are_refused_or_mean_what_they_say(form, changes):
    data = bytearray(WHOLE[form])
    for at, value in changes:
        data[at % len(data)] = value
    try:
        record = read_minutiae_record(bytes(data), form)
    except MinutiaeRecordError:
        return
    assert read_back(record, form) == record


@settings(max_examples=300, deadline=None)
@given(forms, st.binary(max_size=200), st.integers(0, 60))
def test_arbitrary_bytes_are_refused(form, tail, kept):
    data = WHOLE[form][:kept] + tail
    try:
        record = read_minutiae_record(data, form)
    except MinutiaeRecordError:
        return
    assert read_back(record, form) == record
