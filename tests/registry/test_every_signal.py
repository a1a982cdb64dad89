"""Each code that checks can raise: what raises it, and what nearly does. A new code without a row fails here."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from services.biometrics.age.estimator import LIMIT, MEASURED
from services.registry.documents.chip import read_chip
from services.registry.documents.crosschecks import pages_signal, source_signal
from services.registry.documents.plausibility import date_signals, number_signal
from services.registry.documents.seal import examine_seal
from services.registry.workers.age import age_signals, looks_young
from services.registry.workers.documents import read_document
from services.registry.workers.elsewhere import elsewhere_signals
from services.registry.workers.findings import other_identity
from shared.contracts.age_estimates import AgeEstimate
from shared.contracts.registrations import ChipData, Placement, Relation, Signal, SignalCode, TravelDocument
from shared.standards.ages import load_rules
from shared.standards.dates import parse_partial_date
from shared.standards.epassport import CscaStore
from shared.standards.mrz import parse_mrz
from tests.registry import test_documents as papers
from tests.registry import test_elsewhere as abroad
from tests.registry import test_worker_rules as workers
from tests.vectors import passports

Found = Callable[[], Iterable[Signal | None]]
C = SignalCode
HERE, TODAY, RULES = Path(__file__).parent, papers.TODAY, load_rules()
ISSUED = papers.PassportOffice("UT")
SEALER, SEALER_NAME = papers._seal_signer()
SEALED = papers._sealed(papers.TD2, SEALER, SEALER_NAME)


def zone(text: str, **typed: str) -> Found:
    return lambda: read_document(papers.request(document={"mrz": text}, **typed), TODAY).signals


def chip(data: ChipData, known: CscaStore = papers.KNOWN) -> Found:
    return lambda: read_chip(data, known, TODAY).signals


def seal(octets: bytes, *known: passports.Authority) -> Found:
    return lambda: examine_seal(octets, [each.certificate for each in known]).signals


def against(code: SignalCode, **change: object) -> Found:
    return lambda: [source_signal(code, papers.said("chip"), [papers.said("mrz", **change)])]


def dated(expiry: str, **given: str) -> Found:
    born = parse_partial_date("1996-04-02")
    return lambda: date_signals(TravelDocument(**given), parse_mrz(papers.zone(expiry=expiry)), born, TODAY)


def aged(born: str) -> Found:
    place = Placement(destination="SGP", sector="domestic", start=TODAY)
    return lambda: age_signals([workers.claim(born)], "IDN", place, TODAY, RULES)


def looking(years: float) -> Found:
    return lambda: [looks_young(AgeEstimate(model="m", years=years, limit=LIMIT, measured=MEASURED))]


def altered(text: str, at: int) -> str:
    return text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def signed_by_another_key() -> ChipData:
    thief = passports.Authority(passports.private_key("ec", 99), papers.SIGNER.certificate)
    return papers.chip(by=thief)


def revoked(signer: passports.Authority) -> ChipData:
    one, two, sod = ISSUED.chip(papers.zone(), papers.FACE, signer)
    return ChipData.model_construct(dg1=one, dg2=two, sod=sod)


GOOD, BROKEN = papers.zone(), bytearray(SEALED)
BROKEN[-70] ^= 1
WATCHED = CscaStore([ISSUED.certificate], [ISSUED.revocations()])
SOON = (TODAY + timedelta(days=1)).isoformat()
TABLE: dict[SignalCode, tuple[Found, Found]] = {
    C.SAME_PERSON_OTHER_IDENTITY: (
        lambda: [other_identity([workers.a_candidate(Relation.OTHER_IDENTITY)])],
        lambda: [other_identity([workers.a_candidate(Relation.RE_REGISTRATION)])],
    ),
    C.CANDIDATE_IN_OTHER_MEMBER: (
        lambda: elsewhere_signals([abroad.asked(abroad.POSSIBLE)]),
        lambda: elsewhere_signals([abroad.asked(abroad.answered(abroad.OTHER_MODEL))]),
    ),
    C.DOCUMENT_IN_OTHER_MEMBER: (
        lambda: elsewhere_signals([abroad.asked(abroad.NOBODY, abroad.SHOWN)]),
        lambda: elsewhere_signals([abroad.asked(abroad.SURE, abroad.SAME)]),
    ),
    C.MRZ_CHECK_DIGIT: (zone(altered(GOOD, 54)), zone(GOOD)),
    C.MRZ_UNREADABLE: (zone(GOOD[:-1]), zone(GOOD)),
    C.MRZ_DATA_MISMATCH: (zone(papers.zone(birth="960403")), zone(papers.zone(surname="Aminnah"))),
    C.PAGE_MRZ_MISMATCH: (
        lambda: [pages_signal(papers.said("mrz"), papers.said("page", number="X1234568"), 0)],
        lambda: [pages_signal(papers.said("mrz"), papers.said("page", name="AMINAH SITI"), 0)],
    ),
    C.CHIP_UNREADABLE: (chip(papers.chip(dg1=b"\x00\x01")), chip(papers.chip())),
    C.CHIP_SIGNATURE_WRONG: (chip(signed_by_another_key()), chip(papers.chip())),
    C.CHIP_CHAIN_WRONG: (chip(papers.chip(by=passports.signer(papers.OTHER))), chip(papers.chip())),
    C.CHIP_SIGNER_REVOKED: (chip(revoked(ISSUED.revoked_signer), WATCHED), chip(revoked(ISSUED.signer), WATCHED)),
    C.CHIP_DATA_ALTERED: (chip(papers.chip(dg2=passports.dg2(b"another"))), chip(papers.chip())),
    C.CHIP_DATA_UNSIGNED: (
        chip(papers.chip(sod=passports.ef_sod({1: passports.dg1(GOOD)}, papers.SIGNER))),
        chip(papers.chip(sod=None)),
    ),
    C.CHIP_AUTHORITY_UNKNOWN: (chip(papers.chip(), CscaStore()), chip(papers.chip())),
    C.CHIP_SIGNER_EXPIRED: (
        chip(papers.chip(by=passports.signer(papers.CSCA, end=papers.BEFORE))),
        chip(papers.chip()),
    ),
    C.CHIP_DATA_MISMATCH: (against(C.CHIP_DATA_MISMATCH, number="Y"), against(C.CHIP_DATA_MISMATCH, number=None)),
    C.SEAL_UNREADABLE: (seal(b"no seal", SEALER), seal(SEALED, SEALER)),
    C.SEAL_SIGNATURE_WRONG: (seal(bytes(BROKEN), SEALER), seal(SEALED, SEALER)),
    C.SEAL_SIGNER_UNKNOWN: (seal(SEALED, papers.CSCA), seal(SEALED, papers.CSCA, SEALER)),
    C.SEAL_DATA_MISMATCH: (
        against(C.SEAL_DATA_MISMATCH, birth=parse_partial_date("1995")),
        against(C.SEAL_DATA_MISMATCH, birth=parse_partial_date("1996")),
    ),
    C.BIRTH_RECORD_MISMATCH: (
        against(C.BIRTH_RECORD_MISMATCH, name="DEWI LESTARI"),
        against(C.BIRTH_RECORD_MISMATCH, name="AMINAH SITI"),
    ),
    C.DOCUMENT_EXPIRED: (dated("260531"), dated("260601")),
    C.DOCUMENT_DATES_IMPOSSIBLE: (dated("310101", issued=SOON), dated("310101", issued=TODAY.isoformat())),
    C.DOCUMENT_NUMBER_FORMAT: (
        lambda: [number_signal(("IDN", "1234567"))],
        lambda: [number_signal(("DEU", "1234567"))],
    ),
    C.CHILD_POSSIBLE: (aged("2008-06-02"), aged("2008-06-01")),
    C.BELOW_SECTOR_MINIMUM: (aged("2003-06-02"), aged("2003-06-01")),
    C.AGE_UNDETERMINED: (aged("2003"), aged("2002")),
    C.AGE_ESTIMATE_YOUNG: (looking(LIMIT - 0.1), looking(LIMIT)),
}
AT_THE_REGISTER: dict[SignalCode, tuple[str, str, str]] = {
    C.DOCUMENT_NUMBER_REUSED: (
        "test_registrations.py",
        "test_one_document_number_on_two_people",
        "test_coming_again_is_linked_and_silent",
    ),
    C.PORTRAIT_MISMATCH: (
        "test_document_gateway.py",
        "test_a_chip_of_another_person_and_of_an_unknown_authority",
        "test_a_genuine_chip_is_silent_and_its_portrait_is_the_bearers",
    ),
    C.PORTRAIT_REUSED: (
        "test_document_gateway.py",
        "test_one_picture_on_the_documents_of_two_people",
        "test_a_genuine_chip_is_silent_and_its_portrait_is_the_bearers",
    ),
    C.DOCUMENT_REPORTED_LOST: (
        "test_document_images.py",
        "test_a_listed_document_is_told_and_its_neighbour_is_not",
        "test_a_listed_document_is_told_and_its_neighbour_is_not",
    ),
}
"""Those that need a register, a list or an engine: file, the test that raises it, the one that nearly does."""


@pytest.mark.parametrize("code", sorted(TABLE))
def test_what_raises_a_signal_and_what_nearly_does(code: SignalCode) -> None:
    raised, nearly = ([each for each in made() if each is not None] for made in TABLE[code])
    assert code in {each.code for each in raised}
    assert code not in {each.code for each in nearly}
    (signal,) = [each for each in raised if each.code is code]
    assert signal.evidence
    assert all((signal.rule, signal.says, signal.does_not_prove))


def test_every_code_has_its_row() -> None:
    assert set(TABLE) | set(AT_THE_REGISTER) == set(SignalCode)
    for file, *tests in AT_THE_REGISTER.values():
        source = (HERE / file).read_text(encoding="utf-8")
        assert [name for name in tests if f"def {name}(" not in source] == []
