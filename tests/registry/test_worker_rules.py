"""The rules of registration, each without a database: particulars, documents, ages, who sees what."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.workers.age import BirthClaim, age_signals
from services.registry.workers.documents import read_document
from services.registry.workers.findings import number_reused, other_identity, portrait_mismatch
from services.registry.workers.particulars import Particulars, differences, relation, same_name
from services.registry.workers.views import Record, ViewDeniedError, address, scope_of, view
from shared.contracts.caller import Caller, Purpose, Role
from shared.contracts.registrations import (
    Placement,
    Progress,
    RegistrationCandidate,
    RegistrationRequest,
    RegistrationState,
    Relation,
    Signal,
    SignalCode,
    Strength,
)
from shared.standards.ages import load_rules
from shared.standards.dates import DateInterval, parse_partial_date
from tests.vectors.passports import zone

TODAY = date(2026, 6, 1)
RULES = load_rules()
SITI = Particulars("Siti Aminah", None, "1996-04-02", "F", "IDN", ("IDN", "X1234567"))


@pytest.mark.parametrize(
    ("change", "found", "related"),
    [
        ({}, [], Relation.RE_REGISTRATION),
        ({"name": "AMINAH SITI"}, [], Relation.RE_REGISTRATION),
        ({"name": "Siti Aminnah"}, [], Relation.RE_REGISTRATION),
        ({"document": ("IDN", "X7654321")}, ["document"], Relation.RE_REGISTRATION),
        ({"document": None, "sex": None, "nationality": None}, [], Relation.RE_REGISTRATION),
        ({"born": "1996"}, [], Relation.RE_REGISTRATION),
        ({"born": "1996-04-03"}, ["birth_date"], Relation.OTHER_IDENTITY),
        ({"name": "Dewi Lestari"}, ["name"], Relation.OTHER_IDENTITY),
        ({"nationality": "MYS"}, ["nationality"], Relation.OTHER_IDENTITY),
    ],
)
def test_what_counts_as_another_identity(change: dict[str, object], found: list[str], related: Relation) -> None:
    other = replace(SITI, **change)
    assert differences(SITI, other) == found
    assert differences(other, SITI) == found
    assert relation(found) is related


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nguyễn Văn Hùng", "NGUYEN VAN HUNG", True),
        ("Joaquim da Silva", "Silva Joaquim da", True),
        ("Kyaw Zin Htet", "Kyaw Zaw Htun", False),
        ("Somchai Jaidee", "Somsak Jaidee", False),
    ],
)
def test_one_name_in_another_spelling(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def a_request(**given: object) -> RegistrationRequest:
    body = {"name": "Siti Aminah", "born": "1996-04-02", "nationality": "IDN"} | given
    return RegistrationRequest.model_validate_json(json.dumps(body))


def codes(signals: object) -> set[SignalCode]:
    return {signal.code for signal in signals}


def test_a_true_document_is_silent() -> None:
    reading = read_document(a_request(document={"mrz": zone()}), TODAY)
    assert reading.identity == ("IDN", "X1234567")
    assert reading.birth == DateInterval.exactly(date(1996, 4, 2))
    assert reading.signals == ()


def test_a_wrong_check_digit_is_weak_and_says_what_it_does_not_prove() -> None:
    stated = zone()
    altered = stated[: 44 + 1 + 9] + str((int(stated[44 + 1 + 9]) + 1) % 10) + stated[44 + 1 + 10 :]
    (signal,) = read_document(a_request(document={"mrz": altered}), TODAY).signals
    assert (signal.code, signal.strength) == (SignalCode.MRZ_CHECK_DIGIT, Strength.WEAK)
    assert {"document_number"} <= {wrong["field"] for wrong in signal.evidence["wrong"]} | {"document_number"}
    assert "proves nothing" in signal.does_not_prove


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"birth": "950402"}, ["birth_date"]),
        ({"surname": "Lestari", "given_names": "Dewi"}, ["name"]),
        ({"nationality": "MYS"}, ["nationality"]),
    ],
)
def test_a_zone_that_says_something_else_than_was_typed(change: dict[str, str], fields: list[str]) -> None:
    (signal,) = read_document(a_request(document={"mrz": zone(**change)}), TODAY).signals
    assert signal.code is SignalCode.MRZ_DATA_MISMATCH
    assert signal.evidence == {"fields": fields}


@given(st.text(max_size=180))
def test_no_text_breaks_the_reading(text: str) -> None:
    reading = read_document(a_request(document={"mrz": text}), TODAY)
    assert reading.identity is None or len(reading.identity) == 2


def test_a_number_typed_without_issuer_is_of_the_bearers_state() -> None:
    assert read_document(a_request(document={"number": "x 123-45"}), TODAY).identity == ("IDN", "X12345")


def test_typed_document_without_zone() -> None:
    reading = read_document(a_request(document={"issuer": "IDN", "number": "X1"}), TODAY)
    assert (reading.identity, reading.signals) == (("IDN", "X1"), ())
    assert read_document(a_request(), TODAY).identity is None


def claim(born: str, source: str = "typed") -> BirthClaim:
    return BirthClaim(source, parse_partial_date(born))


SGP_DOMESTIC = Placement(destination="SGP", sector="domestic", start=TODAY)


@pytest.mark.parametrize(
    ("claims", "placement", "expected"),
    [
        ([claim("1996-04-02")], SGP_DOMESTIC, None),
        ([claim("2006-01-01")], SGP_DOMESTIC, SignalCode.BELOW_SECTOR_MINIMUM),
        ([claim("2003-06-01")], SGP_DOMESTIC, None),  # 23 on the very day
        ([claim("2003-06-02")], SGP_DOMESTIC, SignalCode.BELOW_SECTOR_MINIMUM),
        ([claim("2003")], SGP_DOMESTIC, SignalCode.AGE_UNDETERMINED),
        ([claim("2009-01-01")], SGP_DOMESTIC, SignalCode.CHILD_POSSIBLE),
        ([claim("2008")], None, SignalCode.CHILD_POSSIBLE),  # may be 17: in doubt, a child
        ([claim("2008-06-01")], None, None),  # 18 today
        # 14 today, and a child however far off the work is said to begin
        ([claim("2012-01-01")], Placement(destination="MYS", start=date(2036, 1, 1)), SignalCode.CHILD_POSSIBLE),
        ([claim("1996-04-02"), claim("2010-05-05", "R1")], None, SignalCode.CHILD_POSSIBLE),
        ([claim("1996-04-02")], None, None),
    ],
)
def test_what_birth_dates_mean(
    claims: list[BirthClaim], placement: Placement | None, expected: SignalCode | None
) -> None:
    signals = age_signals(claims, "IDN", placement, TODAY, RULES)
    assert [signal.code for signal in signals] == ([expected] if expected else [])


@given(st.dates(date(1950, 1, 1), date(2015, 1, 1)), st.dates(date(1950, 1, 1), date(2015, 1, 1)))
def test_one_more_birth_date_never_makes_a_child_an_adult(one: date, other: date) -> None:
    def possibly_child(*born: date) -> bool:
        claims = [BirthClaim("typed", DateInterval.exactly(day)) for day in born]
        return SignalCode.CHILD_POSSIBLE in codes(age_signals(claims, "IDN", None, TODAY, RULES))

    assert possibly_child(one, other) == (possibly_child(one) or possibly_child(other))


def a_candidate(related: Relation, score: float = 7.0) -> RegistrationCandidate:
    return RegistrationCandidate(registration="R2", score=score, relation=related, differences=["name"], scores=[])


def test_only_another_identity_is_a_signal() -> None:
    assert other_identity([]) is None
    assert other_identity([a_candidate(Relation.RE_REGISTRATION)]) is None
    strong, medium = (
        other_identity([a_candidate(Relation.OTHER_IDENTITY)]),
        other_identity([a_candidate(Relation.OTHER_IDENTITY, 3.5)]),
    )
    assert strong is not None
    assert medium is not None
    assert (strong.strength, medium.strength) == (Strength.STRONG, Strength.MEDIUM)


def test_a_contradiction_is_carried_and_never_strong() -> None:
    told = [{"modality": "FACE", "bans": 9.0}, {"modality": "FINGER", "bans": -2.5}]
    twin = a_candidate(Relation.OTHER_IDENTITY, 8.0).model_copy(update={"contradiction": told})
    signal = other_identity([twin])
    assert signal is not None
    assert signal.strength is Strength.MEDIUM
    assert signal.evidence["contradicted"] == ["R2"]
    assert "contradict" in signal.says
    plain = other_identity([a_candidate(Relation.OTHER_IDENTITY)])
    assert plain is not None
    assert "contradicted" not in plain.evidence
    assert "contradict" not in plain.says


def test_a_reused_number_is_weak_when_nobody_could_compare() -> None:
    assert number_reused({"R1": ["name"]}, compared=True).strength is Strength.STRONG
    assert number_reused({"R1": ["name"]}, compared=False).strength is Strength.WEAK


ALL_SIGNALS = [
    Signal(code=code, strength=Strength.MEDIUM, evidence={}, rule="r", says="s", does_not_prove="d")
    for code in SignalCode
]


def a_record(signals: list[Signal]) -> Record:
    audienced = address(signals)
    return Record(
        id="R1",
        person_id="p",
        member="IDN",
        reference="desk 1",
        particulars=SITI,
        state=RegistrationState.PROVISIONAL,
        progress=Progress.CHECKED,
        child_sealed=any(signal.code is SignalCode.CHILD_POSSIBLE for signal in signals),
        signals=audienced,
        candidates=[a_candidate(Relation.OTHER_IDENTITY)] if signals else [],
        missing=[],
        created_at=datetime(2026, 6, 1, tzinfo=UTC),
        checked_at=datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=3),
    )


def a_caller(role: Role) -> Caller:
    return Caller(client_id="c", organisation="o", member="IDN", role=role, purpose=Purpose.WORKER_REGISTRATION)


@given(st.lists(st.sampled_from(ALL_SIGNALS), unique_by=lambda signal: signal.code))
def test_a_desk_sees_a_childs_registration_as_one_with_nothing_telling(signals: list[Signal]) -> None:
    shown = view(a_record(signals), scope_of(a_caller(Role.DESK_OFFICER)))
    assert SignalCode.CHILD_POSSIBLE not in codes(shown.signals)
    if SignalCode.CHILD_POSSIBLE in codes(signals):
        assert shown.candidates == []  # of other particulars, all of them
        assert not codes(shown.signals) & {SignalCode.SAME_PERSON_OTHER_IDENTITY, SignalCode.MRZ_DATA_MISMATCH}
    else:
        assert codes(shown.signals) == codes(signals)


def test_a_child_who_comes_again_as_themselves_is_shown_so() -> None:
    again = replace(a_record(ALL_SIGNALS), candidates=[a_candidate(Relation.RE_REGISTRATION)])
    assert view(again, scope_of(a_caller(Role.DESK_OFFICER))).candidates == again.candidates


def test_child_protection_sees_what_the_desk_does_not() -> None:
    shown = view(a_record(ALL_SIGNALS), scope_of(a_caller(Role.CHILD_PROTECTION)))
    assert codes(shown.signals) == set(SignalCode)
    assert shown.candidates != []


@pytest.mark.parametrize("role", Role)
def test_who_may_see_registrations_at_all(role: Role) -> None:
    readers = {Role.DESK_OFFICER, Role.MEMBER_SYSTEM, Role.CHILD_PROTECTION, Role.ADJUDICATOR, Role.LABOUR_INSPECTOR}
    if role in readers:
        scope = scope_of(a_caller(role))
        assert scope.child_sealed is not True or role is Role.CHILD_PROTECTION
        assert "child_protection" not in scope.audiences or role is Role.CHILD_PROTECTION
    else:
        with pytest.raises(ViewDeniedError):
            scope_of(a_caller(role))


def test_every_signal_says_what_it_does_not_prove() -> None:
    found = [
        other_identity([a_candidate(Relation.OTHER_IDENTITY)]),
        number_reused({"R1": ["name"]}, compared=True),
        portrait_mismatch({}),
        *age_signals([claim("2010")], "IDN", None, TODAY, RULES),
        *read_document(a_request(document={"mrz": "x"}), TODAY).signals,
    ]
    assert all(signal and signal.says and signal.does_not_prove and signal.rule for signal in found)
