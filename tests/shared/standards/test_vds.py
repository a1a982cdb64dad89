"""Visible digital seals, of an invented state."""

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.standards.vds import SealError, read_c40, read_seal, verify_seal
from tests.vectors import passports, seals

BY = passports.signer(passports.csca())
FEATURES = {0x01: b"V<UTOERIKSSON", 0x02: b"x" * 200}


@pytest.mark.parametrize(("version", "certificate"), [(3, "00027"), (4, "1"), (4, "0123456789ABC")])
def test_a_seal_says_what_was_put_in_and_verifies(version, certificate):
    seal = read_seal(seals.seal(BY, FEATURES, version, certificate))
    assert (seal.issuer, seal.signer, seal.certificate) == ("UTO", "UTTS", certificate)
    assert (seal.issued, seal.signed) == (dt.date(2026, 2, 28), dt.date(2026, 3, 1))
    assert (seal.features, seal.definition, seal.category) == (FEATURES, 0x5E, 0x03)
    assert verify_seal(seal, BY.certificate)
    assert not verify_seal(seal, passports.csca().certificate)
    assert not verify_seal(seal, passports.csca("rsa").certificate)


# ISO/IEC 16022, section 5.2.5.2: 1600 * C1 + 40 * C2 + C3 + 1.
@pytest.mark.parametrize(("octets", "text"), [("57 6b", "XX "), ("59 bf", "0AB"), ("fe 42", "A")])
def test_c40(octets, text):
    value = bytes.fromhex(octets)
    if value[0] != 0xFE:
        assert read_c40(seals.c40(text)) == text.rstrip()
    else:
        assert read_c40(value) == text


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", max_size=40))
def test_c40_round_trip(text):
    assert read_c40(seals.c40(text)) == text.rstrip()


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_octet_verifies(place, change):
    octets = bytearray(seals.seal(BY, FEATURES))
    octets[place % len(octets)] ^= change
    try:
        seal = read_seal(bytes(octets))
    except SealError:
        return
    assert not verify_seal(seal, BY.certificate)


@given(st.binary(max_size=120).map(lambda tail: b"\xdc\x03" + tail) | st.binary(max_size=60))
def test_no_octets_crash_the_reader(octets):
    with suppress(SealError):
        read_seal(octets)


def test_damaged_seals_are_refused():
    whole = seals.seal(BY, FEATURES)
    for damaged in (whole[:-1], whole + b"\x00", b"\xdc\x09" + whole[2:], b"", whole * 20):
        with pytest.raises(SealError):
            read_seal(damaged)
