"""Each signal about a document, with a case that raises it and one that nearly does; chips and seals are made here."""

import datetime as dt
import json
from datetime import date
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from services.registry.documents.chip import read_chip
from services.registry.documents.crosschecks import pages_signal, source_signal
from services.registry.documents.plausibility import date_signals, number_formats, number_signal
from services.registry.documents.seal import examine_seal
from services.registry.documents.statements import Statement, contradicted, of_typed, of_zone
from services.registry.documents.words import WORDS
from services.registry.workers.age import BirthClaim, age_signals
from services.registry.workers.documents import read_document, stated_births
from services.registry.workers.placed import above_floor
from services.registry.workers.views import address
from services.sandbox.issuing import PassportOffice
from shared.contracts.registrations import (
    ChipData,
    Placement,
    RegistrationRequest,
    SignalCode,
    Strength,
    TravelDocument,
)
from shared.standards.ages import load_rules
from shared.standards.dates import DateInterval, parse_partial_date
from shared.standards.epassport import ChipState, CscaStore
from shared.standards.mrz import MrzFormat, parse_mrz, write_mrz
from tests.vectors import passports, seals
from tests.vectors.passports import zone

TODAY = date(2026, 6, 1)
CSCA = passports.csca()
SIGNER = passports.signer(CSCA)
KNOWN = CscaStore([CSCA.certificate])
FACE = b"\xff\xd8\xff\xe0 a portrait"


def request(**given: Any) -> RegistrationRequest:
    body = {"name": "Siti Aminah", "born": "1996-04-02", "nationality": "IDN"} | given
    return RegistrationRequest.model_validate_json(json.dumps(body))


def chip(mrz: str | None = None, face: bytes = FACE, by: passports.Authority = SIGNER, **parts: Any) -> ChipData:
    one, two = passports.dg1(mrz or zone()), passports.dg2(face)
    sod = passports.ef_sod({1: one, 2: two}, by)
    return ChipData.model_construct(**({"dg1": one, "dg2": two, "sod": sod} | parts))


OTHER = passports.csca(number=1)  # of the same name, with another key
FOREIGN = passports.csca(number=2, common="CSCA of nowhere")
BEFORE = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
CHIPS: dict[str, tuple[ChipData, SignalCode | None, Strength]] = {
    "genuine": (chip(), None, Strength.WEAK),
    "another portrait put in": (chip(dg2=passports.dg2(b"another")), SignalCode.CHIP_DATA_ALTERED, Strength.STRONG),
    "another zone put in": (
        chip(dg1=passports.dg1(zone(birth="910402"))),
        SignalCode.CHIP_DATA_ALTERED,
        Strength.STRONG,
    ),
    "an authority that is not on file": (
        chip(by=passports.signer(FOREIGN)),
        SignalCode.CHIP_AUTHORITY_UNKNOWN,
        Strength.WEAK,
    ),
    "an authority that only has the name": (
        chip(by=passports.signer(OTHER)),
        SignalCode.CHIP_CHAIN_WRONG,
        Strength.STRONG,
    ),
    "a signer past its end": (
        chip(by=passports.signer(CSCA, end=BEFORE)),
        SignalCode.CHIP_SIGNER_EXPIRED,
        Strength.WEAK,
    ),
    "a face that nobody signed": (
        chip(sod=passports.ef_sod({1: passports.dg1(zone())}, SIGNER)),
        SignalCode.CHIP_DATA_UNSIGNED,
        Strength.MEDIUM,
    ),
    "no chip's data": (chip(dg1=b"\x00\x01"), SignalCode.CHIP_UNREADABLE, Strength.WEAK),
}


@pytest.mark.parametrize("case", sorted(CHIPS))
def test_a_chip_and_what_is_said_of_it(case: str) -> None:
    data, code, strength = CHIPS[case]
    reading = read_chip(data, KNOWN, TODAY)
    found = {signal.code: signal.strength for signal in reading.signals}
    assert found.get(code) == strength if code else found == {}
    assert reading.genuine is (code is None)


def test_a_signature_that_does_not_fit() -> None:
    good = chip()
    assert good.sod is not None
    at = good.sod.rindex(b"\x02", 0, -8)  # within the signature, at the end
    broken = good.sod[: at + 4] + bytes([good.sod[at + 4] ^ 1]) + good.sod[at + 5 :]
    codes = {each.code for each in read_chip(chip(sod=broken), KNOWN, TODAY).signals}
    assert codes & {SignalCode.CHIP_SIGNATURE_WRONG, SignalCode.CHIP_UNREADABLE}


def test_without_a_security_object_nothing_is_authenticated_and_nothing_accused() -> None:
    reading = read_chip(chip(sod=None), KNOWN, TODAY)
    assert (reading.signals, reading.states) == ((), frozenset({ChipState.NOT_PERFORMED}))
    assert reading.missing == ("chip: not authenticated: no security object",)
    assert reading.portrait == FACE


def test_unknown_is_not_forged() -> None:
    (signal,) = read_chip(chip(), CscaStore(), TODAY).signals
    assert (signal.code, signal.strength) == (SignalCode.CHIP_AUTHORITY_UNKNOWN, Strength.WEAK)
    assert "missing here" in signal.does_not_prove


def test_a_revoked_signer_is_told_and_one_of_whom_nobody_could_look_is_missing() -> None:
    office = PassportOffice("UT")
    dg1, dg2, sod = office.chip(zone(), FACE, office.revoked_signer)
    data = ChipData.model_construct(dg1=dg1, dg2=dg2, sod=sod)
    known = CscaStore([office.certificate], [office.revocations()])
    (signal,) = read_chip(data, known, TODAY).signals
    assert (signal.code, signal.strength) == (SignalCode.CHIP_SIGNER_REVOKED, Strength.STRONG)
    assert "genuine" in signal.does_not_prove
    unlooked = read_chip(data, CscaStore([office.certificate]), TODAY)
    assert (unlooked.signals, unlooked.genuine) == ((), True)
    assert any("revoked is not known" in said for said in unlooked.missing)


def said(source: str, **change: Any) -> Statement:
    values = {
        "name": "SITI AMINAH",
        "birth": DateInterval.exactly(date(1996, 4, 2)),
        "nationality": "IDN",
        "number": "X1234567",
    }
    return Statement(source, **(values | change))


@pytest.mark.parametrize("code", [SignalCode.CHIP_DATA_MISMATCH, SignalCode.SEAL_DATA_MISMATCH])
@pytest.mark.parametrize(
    ("other", "strength"),
    [
        (said("mrz"), None),
        (said("mrz", name="AMINAH SITI"), None),
        (said("mrz", number=None, nationality=None), None),
        (said("mrz", birth=parse_partial_date("1996")), None),
        (said("mrz", birth=parse_partial_date("1995")), Strength.STRONG),
        (said("mrz", number="X1234568"), Strength.STRONG),
        (said("mrz", name="DEWI LESTARI"), Strength.STRONG),
        (said("typed", nationality="MYS"), Strength.MEDIUM),  # typing is the commonest cause
    ],
)
def test_a_source_against_the_others(code: SignalCode, other: Statement, strength: Strength | None) -> None:
    found = source_signal(code, said("chip"), [other], genuine=True)
    assert (found.strength if found else None) is strength
    unproven = source_signal(code, said("chip"), [other])
    assert (unproven.strength if unproven else None) is (Strength.MEDIUM if strength else None)


def test_a_name_cut_short_is_compared_as_far_as_it_goes() -> None:
    whole, cut = said("typed", name="Nguyen Thi Hong Nhung"), said("mrz", name="NGUYEN THI HONG", cut=True)
    assert contradicted(cut, [whole]) == {}
    assert contradicted(said("mrz", name="NGUYEN THI HONG"), [whole]) == {"typed": ["name"]}


def test_the_zone_that_was_sent_against_the_one_on_the_photo() -> None:
    assert pages_signal(said("mrz"), said("page"), 0) is None
    found = pages_signal(said("mrz"), said("page", number="X1234568"), 1)
    assert found is not None
    assert (found.strength, found.evidence) == (Strength.WEAK, {"differs_from": {"page": ["number"]}, "settled": 1})


@pytest.mark.parametrize(
    ("identity", "raised"),
    [
        (("IDN", "X1234567"), False),
        (("IDN", "1234567"), True),
        (("IDN", "X12345678"), True),
        (("PHL", "P1234567B"), False),
        (("PHL", "P12345678"), True),
        (("DEU", "whatever"), False),  # no shape is known: nothing is said
        (None, False),
    ],
)
def test_the_shape_of_a_number(identity: tuple[str, str] | None, raised: bool) -> None:
    found = number_signal(identity)
    assert (found is not None) is raised
    if found is not None:
        assert found.strength is Strength.WEAK
        assert found.evidence["unconfirmed"]
        assert identity is not None
        assert identity[1] not in json.dumps(found.evidence)  # its shape, not the number


def test_shapes_from_memory_are_marked() -> None:
    assert {each.confidence for each in number_formats()} == {"M"}


@pytest.mark.parametrize(
    ("given", "expiry", "codes"),
    [
        ({}, "310101", []),
        ({}, "260601", []),  # its last day
        ({}, "260531", ["DOCUMENT_EXPIRED"]),
        ({}, "<<<<<<", []),
        ({}, "311331", ["DOCUMENT_DATES_IMPOSSIBLE"]),
        ({}, "400101", ["DOCUMENT_DATES_IMPOSSIBLE"]),  # nobody issues for so long
        ({"issued": "2021-01-01", "expires": "2031-01-01"}, "310101", []),
        ({"issued": "2021-01-01", "expires": "2031"}, "310101", ["DOCUMENT_DATES_IMPOSSIBLE"]),
        ({"issued": "2026-06-02"}, "310101", ["DOCUMENT_DATES_IMPOSSIBLE"]),
        ({"issued": "1995"}, "<<<<<<", ["DOCUMENT_DATES_IMPOSSIBLE"]),  # before the bearer was born
        ({"issued": "1996"}, "<<<<<<", []),  # in the year of birth: possible
        ({"issued": "2019-01-01", "expires": "2020-13"}, "310101", ["DOCUMENT_DATES_IMPOSSIBLE"]),
    ],
)
def test_the_dates_of_a_document(given: dict[str, str], expiry: str, codes: list[str]) -> None:
    found = date_signals(
        TravelDocument(**given), parse_mrz(zone(expiry=expiry)), parse_partial_date("1996-04-02"), TODAY
    )
    if given.get("expires") == "2031":  # a year against a day of it differs by what is not known
        codes = [each.code.value for each in found]
    assert [each.code.value for each in found] == codes


def _seal_signer() -> tuple[passports.Authority, str]:
    key = passports.private_key("ec", 77)
    serial = 0xABC123
    subject = passports.name("TS")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(CSCA.certificate.subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(passports.BORN)
        .not_valid_after(passports.ENDS)
        .sign(CSCA.key, hashes.SHA256())
    )
    return passports.Authority(key, certificate), f"{serial:X}"


def _sealed(mrz: str, by: passports.Authority, reference: str) -> bytes:
    text = mrz.replace("\n", "").replace("<", " ")
    return seals.seal(by, {0x02: seals.c40(text)}, certificate=reference)


TD2 = write_mrz(
    MrzFormat.TD2, document_code="P", issuer="IDN", surname="Aminah", given_names="Siti",
    document_number="X1234567", nationality="IDN", birth="960402", sex="F", expiry="310101",
)  # fmt: skip


def test_a_seal_of_a_signer_on_file() -> None:
    by, reference = _seal_signer()
    reading = examine_seal(_sealed(TD2, by, reference), [by.certificate])
    assert (reading.genuine, reading.signals) == (True, ())
    assert reading.zone is not None
    assert of_zone("seal", reading.zone, TODAY).number == "X1234567"


@pytest.mark.parametrize("case", ["altered", "unknown", "none"])
def test_a_seal_that_is_not_right(case: str) -> None:
    by, reference = _seal_signer()
    octets = bytearray(_sealed(TD2, by, reference))
    octets[-70] ^= 1  # within the feature
    sent, known, code = {
        "altered": (bytes(octets), [by.certificate], SignalCode.SEAL_SIGNATURE_WRONG),
        "unknown": (_sealed(TD2, by, reference), [CSCA.certificate], SignalCode.SEAL_SIGNER_UNKNOWN),
        "none": (b"no seal", [by.certificate], SignalCode.SEAL_UNREADABLE),
    }[case]
    reading = examine_seal(sent, known)
    assert ([each.code for each in reading.signals], reading.genuine) == ([code], False)


def test_every_word_of_a_signal_is_there() -> None:
    for words in WORDS.values():
        assert all((words.rule, words.says, words.does_not_prove))


def test_papers_state_births_each_by_itself() -> None:
    sent = request(birth_record={"born": "2009"}, document={"mrz": zone(birth="960402")})
    assert [source for source, _ in stated_births(sent, TODAY)] == ["mrz", "birth_record"]
    assert stated_births(request(), TODAY) == []


def test_a_chip_alone_says_which_document_it_is() -> None:
    sent = request(document={})
    assert sent.document is not None
    sent = sent.model_copy(update={"document": sent.document.model_copy(update={"chip": chip()})})
    assert read_document(sent, TODAY).identity == ("IDN", "X1234567")


def test_what_could_tell_a_childs_age_is_for_child_protection_alone() -> None:
    codes = [SignalCode.CHIP_DATA_MISMATCH, SignalCode.SEAL_DATA_MISMATCH, SignalCode.BIRTH_RECORD_MISMATCH]
    found = [source_signal(code, said("chip"), [said("mrz", number="Y")]) for code in codes]
    told = [each for each in found if each]
    child = told[0].model_copy(update={"code": SignalCode.CHILD_POSSIBLE})
    assert {each.audience for each in address([*told, child])} == {"child_protection"}
    assert {each.audience for each in address(told)} == {"registration"}


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_no_octets_break_the_reading(one: bytes, two: bytes, three: bytes) -> None:
    read_chip(ChipData.model_construct(dg1=one, dg2=two, sod=three), KNOWN, TODAY)
    examine_seal(one, [])


def test_typed_statement() -> None:
    assert of_typed(request(document={"number": "x 1-2"})).number == "X12"


@pytest.mark.parametrize(
    ("births", "strength", "claims"),
    [
        ([("typed", "2004-01-01")], Strength.STRONG, {"BELOW": ["typed"]}),
        (
            [("typed", "1996-04-02"), ("birth_record", "2004-01-01")],
            Strength.MEDIUM,
            {"ABOVE": ["typed"], "BELOW": ["birth_record"]},
        ),
        (
            [("typed", "1996-04-02"), ("R00aa", "2004-01-01")],
            Strength.MEDIUM,
            {"ABOVE": ["typed"], "BELOW": ["another registration"]},
        ),
    ],
)
def test_who_states_an_age_below_the_minimum(
    births: list[tuple[str, str]], strength: Strength, claims: dict[str, list[str]]
) -> None:
    stated = [BirthClaim(source, parse_partial_date(born)) for source, born in births]
    placement = Placement(destination="SGP", sector="domestic", start=TODAY)
    (signal,) = age_signals(stated, "IDN", placement, TODAY, load_rules())
    assert (signal.code, signal.strength) == (SignalCode.BELOW_SECTOR_MINIMUM, strength)
    assert signal.evidence["claims"] == claims


def test_every_rule_that_fired_is_named_and_memory_only_advises() -> None:
    placement = Placement(destination="SGP", sector="domestic", start=TODAY)
    (signal,) = age_signals(
        [BirthClaim("typed", parse_partial_date("2004-01-01"))], "KHM", placement, TODAY, load_rules()
    )
    assert signal.evidence["minimum"] == 23
    assert {(row["set_by"], row["confidence"]) for row in signal.evidence["rules"]} >= {("SGP", "S"), ("INT", "M")}
    assert {row["confidence"] for row in signal.evidence["unconfirmed"]} == {"M"}


@pytest.mark.parametrize(
    ("born", "placement", "days"),
    [
        ("2003-06-01", Placement(destination="SGP", sector="domestic", start=TODAY), 0),
        ("2003-05-31", Placement(destination="SGP", sector="domestic", start=TODAY), 1),
        ("2003-06-02", Placement(destination="SGP", sector="domestic", start=TODAY), -1),
        ("2003", Placement(destination="SGP", sector="domestic", start=TODAY), None),
        ("2003-06-01", None, None),
    ],
)
def test_days_above_the_minimum(born: str, placement: Placement | None, days: int | None) -> None:
    sent = request(born=born).model_copy(update={"placement": placement})
    assert above_floor(sent, load_rules()) == days
