"""Passive authentication, with chips of an invented state."""

import base64
import datetime as dt

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.standards.epassport import (
    ChipDataError,
    ChipState,
    CscaStore,
    TrustFileError,
    authenticate,
    load_csca_files,
    read_face_images,
    read_mrz,
    read_security_object,
)
from tests.vectors import passports

TODAY = dt.date(2026, 11, 22)
DG1 = passports.dg1()
DG2 = passports.dg2(b"FAC\x00 of nobody" * 20)
OK = {ChipState.SIGNATURE_OK, ChipState.CHAIN_OK, ChipState.REVOCATION_NOT_CHECKED}


def outcome(sod: bytes, groups: dict[int, bytes] | None = None, trusted=None, on: dt.date = TODAY):
    store = CscaStore([passports.csca().certificate] if trusted is None else trusted)
    return authenticate(read_security_object(sod), groups or {1: DG1, 2: DG2}, store, on)


@pytest.mark.parametrize("kind", ["brainpool", "ec", "rsa"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_genuine_chip_is_genuine(kind, digest):
    authority = passports.csca(kind)
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(authority, kind), digest)
    found = outcome(sod, trusted=[authority.certificate])
    assert (found.states, found.genuine) == (OK, True)


def test_probabilistic_rsa_signatures_verify():
    authority = passports.csca("rsa")
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(authority, "rsa"), pss=True)
    assert outcome(sod, trusted=[authority.certificate]).states == OK


def test_an_authority_that_is_not_on_file_is_unknown_and_not_forged():
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(passports.csca()))
    found = outcome(sod, trusted=[])
    assert found.states == {ChipState.SIGNATURE_OK, ChipState.CHAIN_UNKNOWN_CSCA}
    assert not found.genuine
    assert found.issuer.startswith("CN=CSCA Utopia")


def test_a_signer_that_the_authority_of_its_name_did_not_sign_is_wrong():
    impostor = passports.csca(number=1)
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(impostor))
    assert ChipState.CHAIN_WRONG in outcome(sod).states
    assert outcome(sod, trusted=[passports.csca().certificate, impostor.certificate]).genuine


def test_a_certificate_that_may_not_sign_others_is_no_authority():
    plain = passports.csca(number=2, common="No CA", ca=False)
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(plain))
    assert ChipState.CHAIN_WRONG in outcome(sod, trusted=[plain.certificate]).states


def test_an_altered_data_group_is_named():
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(passports.csca()))
    other = passports.dg1(passports.MRZ_TD3.replace("7408122", "7908122"))
    found = outcome(sod, {1: other, 2: DG2})
    assert (found.states, found.altered) == (OK | {ChipState.DG_HASH_MISMATCH}, (1,))
    assert not found.genuine


def test_a_data_group_that_nobody_signed_is_named():
    sod = passports.ef_sod({1: DG1}, passports.signer(passports.csca()))
    found = outcome(sod, {1: DG1, 2: DG2})
    assert (found.states, found.unsigned, found.genuine) == (OK, (2,), False)


def test_a_signer_past_its_end_is_told():
    sod = passports.ef_sod(
        {1: DG1}, passports.signer(passports.csca(), end=dt.datetime(2026, 11, 20, tzinfo=dt.UTC), number=3)
    )
    assert outcome(sod, {1: DG1}).states == OK | {ChipState.EXPIRED}
    assert outcome(sod, {1: DG1}, on=dt.date(2026, 11, 20)).states == OK


def test_a_signature_over_other_content_is_wrong():
    by = passports.signer(passports.csca())
    sod = passports.ef_sod({1: DG1, 2: DG2}, by)
    signed = read_security_object(sod).hashes[1]
    swapped = sod.replace(signed, bytes(32))
    assert ChipState.SIGNATURE_WRONG in outcome(swapped).states
    broken = bytearray(sod)
    broken[-1] ^= 1
    assert ChipState.SIGNATURE_WRONG in outcome(bytes(broken)).states


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_octet_of_a_security_object_passes_as_genuine(place, change):
    sod = passports.ef_sod({1: DG1, 2: DG2}, passports.signer(passports.csca()))
    changed = bytearray(sod)
    changed[place % len(sod)] ^= change
    try:
        found = outcome(bytes(changed))
    except ChipDataError:
        return
    same = read_security_object(bytes(changed))
    # What is not signed (versions, the name by which the signer is pointed at) may change; what is signed may not.
    assert not found.genuine or same.signed == read_security_object(sod).signed


@given(st.binary(max_size=300))
def test_no_octets_crash_the_readers(octets):
    for read in (read_security_object, read_mrz, read_face_images):
        with pytest.raises(ChipDataError):
            read(octets)


@pytest.mark.parametrize("mrz", [passports.MRZ_TD1, passports.MRZ_TD3])
def test_the_zone_comes_out_of_data_group_1_in_lines(mrz):
    assert read_mrz(passports.dg1(mrz)) == mrz


def test_the_face_comes_out_of_data_group_2():
    assert read_face_images(DG2) == [b"FAC\x00 of nobody" * 20]
    with pytest.raises(ChipDataError):
        read_face_images(passports.tlv(0x75, passports.tlv(0x7F61, passports.tlv(0x02, b"\x00"))))


def test_authorities_are_read_from_every_kind_of_file(tmp_path):
    first, second = passports.csca().certificate, passports.csca("rsa").certificate
    der = [each.public_bytes(serialization.Encoding.DER) for each in (first, second)]
    encoded = base64.b64encode(der[0]).decode()
    folded = "\n ".join(encoded[start : start + 70] for start in range(0, len(encoded), 70))
    (tmp_path / "a.pem").write_bytes(
        b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (first, second))
    )
    (tmp_path / "b.der").write_bytes(der[0])
    (tmp_path / "c.ldif").write_text(
        f"dn: c=UT\nobjectClass: inetOrgPerson\nuserCertificate;binary:: {folded}\nsn: 1\n"
    )
    (tmp_path / "d.ml").write_bytes(passports.master_list([first, second]))
    listed = base64.b64encode(passports.master_list([first])).decode()
    (tmp_path / "e.ldif").write_text(f"dn: c=UT\npkdMasterListContent:: {listed}\n")
    assert [len(load_csca_files(tmp_path / file)) for file in ("a.pem", "b.der", "c.ldif", "d.ml", "e.ldif")] == [
        2, 1, 1, 2, 1,
    ]  # fmt: skip
    assert load_csca_files(tmp_path).countries() == {"UT"}


@pytest.mark.parametrize("content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_file_without_certificates_is_refused_by_name(tmp_path, content):
    (tmp_path / "list.bin").write_bytes(content)
    with pytest.raises(TrustFileError, match=r"list\.bin"):
        load_csca_files(tmp_path)
