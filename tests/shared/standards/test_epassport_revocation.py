"""Revoked signers: lists of authorities that we make ourselves."""

import base64
import datetime as dt

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from services.sandbox.issuing import PassportOffice
from shared.standards.epassport import (
    ChipState,
    CscaStore,
    TrustFileError,
    authenticate,
    load_csca_files,
    read_security_object,
)
from tests.vectors import passports

TODAY = dt.date(2026, 11, 22)
OFFICE = PassportOffice("UT")
OK = {ChipState.SIGNATURE_OK, ChipState.CHAIN_OK}


def outcome(store, signer, on=TODAY):
    one, two, sod = OFFICE.chip(passports.MRZ_TD3, b"a face", signer)
    return authenticate(read_security_object(sod), {1: one, 2: two}, store, on)


def test_a_revoked_signer_is_a_state_of_its_own_and_the_others_stay_genuine():
    store = CscaStore([OFFICE.certificate], [OFFICE.revocations()])
    revoked = outcome(store, OFFICE.revoked_signer)
    assert (revoked.states, revoked.genuine) == ({ChipState.SIGNATURE_OK, ChipState.CHAIN_REVOKED}, False)
    kept = outcome(store, OFFICE.signer)
    assert (kept.states, kept.genuine) == (OK, True)


def test_an_authority_that_revoked_itself_vouches_for_nobody():
    authority = passports.csca(number=7, common="CSCA UT")
    by = passports.signer(authority, number=8)
    store = CscaStore([authority.certificate], [passports.revoking(authority, authority.certificate.serial_number)])
    assert ChipState.CHAIN_REVOKED in outcome(store, by).states


@pytest.mark.parametrize("lists", [False, True])
def test_without_a_current_list_the_chain_holds_and_that_nobody_looked_is_told(lists):
    authority = passports.csca(number=7, common="CSCA UT")
    by = passports.signer(authority, number=8)
    old = passports.revoking(authority, 1, ends=dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    store = CscaStore([authority.certificate], [old] if lists else [])
    found = outcome(store, by)
    assert (found.states, found.genuine) == (OK | {ChipState.REVOCATION_NOT_CHECKED}, True)
    assert (ChipState.REVOCATION_NOT_CHECKED in outcome(store, by, dt.date(2026, 11, 21)).states) is not lists


def test_what_is_on_a_list_stays_revoked_when_the_list_has_run_out():
    authority = passports.csca(number=7, common="CSCA UT")
    by = passports.signer(authority, number=8)
    old = passports.revoking(authority, by.certificate.serial_number, ends=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    assert ChipState.CHAIN_REVOKED in outcome(CscaStore([authority.certificate], [old]), by).states


def test_a_list_counts_only_when_its_authority_signed_it():
    authority, impostor = (passports.csca(number=each, common="CSCA UT") for each in (7, 9))
    by = passports.signer(authority, number=8)
    forged = passports.revoking(impostor, by.certificate.serial_number)
    with pytest.raises(TrustFileError, match="not signed"):
        CscaStore([authority.certificate], [forged])
    stranger = passports.revoking(passports.csca(number=10, common="CSCA elsewhere"), by.certificate.serial_number)
    assert outcome(CscaStore([authority.certificate], [stranger]), by).genuine


def _pem(found):
    return found.public_bytes(Encoding.PEM)


def _ldif(found):
    value = base64.b64encode(found.public_bytes(Encoding.DER)).decode()
    return f"dn: c=UT\ncertificateRevocationList;binary:: {value}\n".encode()


@pytest.mark.parametrize("written", [_ldif, _pem, lambda found: found.public_bytes(Encoding.DER)])
def test_lists_lie_beside_the_certificates_in_files(tmp_path, written):
    (tmp_path / "a.crl").write_bytes(written(OFFICE.revocations()))
    (tmp_path / "b.pem").write_bytes(OFFICE.certificate.public_bytes(Encoding.PEM))
    store = load_csca_files(tmp_path)
    assert len(store) == 1
    assert ChipState.CHAIN_REVOKED in outcome(store, OFFICE.revoked_signer).states
