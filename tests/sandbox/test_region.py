"""The synthetic region is the same every time, says what it claims to say, and plants what it claims to plant."""

import re
import unicodedata
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import services.sandbox.region as package
from services.sandbox.faces import CAST
from services.sandbox.region import Enrolment, Plant, Region, expected, make_region
from services.sandbox.region.names import TRADITIONS, draw_name
from services.sandbox.region.region import MOST_PEOPLE
from shared.contracts.cases import Appeal, CaseBody, Stage
from shared.contracts.licences import LicenceBody
from shared.contracts.parties import LinkBody, PartyBody
from shared.contracts.registrations import FingerPosition, Placement, SignalCode
from shared.contracts.screening import QueryEntity
from shared.standards.ages import AgeRule, Sector, age_floor, age_on, birthday, load_rules
from shared.standards.mrz import parse_mrz, transliterate

MEMBERS = set(TRADITIONS)
SIGNALS = [plant for plant in Plant if not plant.startswith("SCREENING_")]
RANDOMS = st.integers(0, 2**32).map(Random)
FILES = sorted(path for path in Path(package.__file__).parent.iterdir() if path.is_file())


@pytest.fixture(scope="module")
def region() -> Region:
    return make_region()


@pytest.fixture(scope="module")
def rules() -> tuple[AgeRule, ...]:
    return load_rules()


def floor(enrolment: Enrolment, rules: tuple[AgeRule, ...]) -> int:
    sector = Sector(enrolment.sector)
    return age_floor(enrolment.nationality, enrolment.destination, sector, enrolment.start, rules).minimum


def by_reference(region: Region) -> dict[str, Enrolment]:
    return {enrolment.reference: enrolment for enrolment in region.enrolments}


def test_same_arguments_give_the_same_region(region: Region) -> None:
    assert make_region() == region
    assert make_region(seed=2).enrolments != region.enrolments


@pytest.mark.parametrize("workers", [24, 39])
def test_a_number_of_workers_out_of_range_is_refused(workers: int) -> None:
    with pytest.raises(ValueError, match="25 to 38"):
        make_region(workers=workers)


@pytest.mark.parametrize("kind", [plant for plant in Plant if plant is not Plant.SCREENING_LOOKALIKE])
def test_every_kind_is_planted_twice_at_least(region: Region, kind: Plant) -> None:
    assert len(expected(region)[kind]) >= 2


def test_look_alikes_are_asked_about_but_none_is_expected(region: Region) -> None:
    asked = [s for s in region.screenings if s.expect_kind is Plant.SCREENING_LOOKALIKE]
    assert len(asked) >= 5
    assert expected(region)[Plant.SCREENING_LOOKALIKE] == set()
    assert all(screening.must_not_match for screening in asked)


def test_expected_names_only_what_exists(region: Region) -> None:
    references = [e.reference for e in region.enrolments]
    labels = [s.label for s in region.screenings]
    assert len(set(references)) == len(references)
    assert len(set(labels)) == len(labels)
    raised = expected(region)
    assert set(raised) == set(Plant)
    for kind, found in raised.items():
        assert found <= set(labels if kind.startswith("SCREENING_") else references)


def test_signals_are_those_of_the_registration_contract() -> None:
    assert {signal.value for signal in SIGNALS} <= {code.value for code in SignalCode}


def test_size(region: Region) -> None:
    faces = {shot.person for e in region.enrolments for shot in (e.portrait, e.live)}
    assert 34 <= len(region.enrolments) <= 40
    assert len({e.person for e in region.enrolments}) == 32
    assert len(faces) <= MOST_PEOPLE
    assert faces <= set(CAST)


def test_every_state_sends_and_registers(region: Region) -> None:
    assert {e.nationality for e in region.enrolments} == MEMBERS
    assert {p.member for p in region.parties} == MEMBERS
    assert {licence.member for licence in region.licences} == MEMBERS


# --- truths that hold whatever the seed --------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), workers=st.integers(25, 38))
def test_any_seed(seed: int, workers: int) -> None:
    region, rules = make_region(seed, workers), load_rules()
    earlier: list[Enrolment] = []
    for enrolment in region.enrolments:
        assert set(enrolment.plants) == found_by_an_oracle(enrolment, earlier, rules), enrolment.situation
        earlier.append(enrolment)


def found_by_an_oracle(enrolment: Enrolment, earlier: list[Enrolment], rules: tuple[AgeRule, ...]) -> set[Plant]:
    """What somebody who knows the truth about people would raise, from the facts and not from the plants."""
    same = [e for e in earlier if e.person == enrolment.person]
    births = [enrolment.birth, *(e.birth for e in same)]
    youngest = min(age_on(birth, enrolment.start) for birth in births)
    raised = {
        Plant.SAME_PERSON_OTHER_IDENTITY: any((e.name, e.birth) != (enrolment.name, enrolment.birth) for e in same),
        Plant.DOCUMENT_NUMBER_REUSED: any(
            (e.nationality, e.passport) == (enrolment.nationality, enrolment.passport) and e.person != enrolment.person
            for e in earlier
        ),
        Plant.PORTRAIT_MISMATCH: enrolment.portrait.person != enrolment.live.person,
        Plant.MRZ_CHECK_DIGIT: not parse_mrz(enrolment.mrz).checks_ok,
        Plant.CHILD_POSSIBLE: youngest < 18,
        Plant.BELOW_SECTOR_MINIMUM: 18 <= youngest < floor(enrolment, rules),
    }
    return {plant for plant, found in raised.items() if found}


# --- enrolments ----------------------------------------------------------------------------------------------------


def test_the_zone_states_what_the_enrolment_states(region: Region) -> None:
    for enrolment in region.enrolments:
        mrz = parse_mrz(enrolment.mrz)
        assert mrz.document_number == enrolment.passport
        assert (mrz.issuer, mrz.nationality, mrz.sex) == (enrolment.nationality, enrolment.nationality, enrolment.sex)
        assert mrz.birth == f"{enrolment.birth:%y%m%d}"
        assert mrz.expiry > "310000"
        assert not mrz.names_may_be_cut
        words = f"{mrz.surname} {mrz.given_names}".split()
        assert sorted(words) == sorted(transliterate(enrolment.name).split("<"))


def test_one_face_and_two_fingers_per_person(region: Region) -> None:
    people: defaultdict[int, set[tuple[int, ...]]] = defaultdict(set)
    for enrolment in region.enrolments:
        assert set(enrolment.fingers) == {FingerPosition.RIGHT_INDEX.value, FingerPosition.LEFT_INDEX.value}
        seeds = (enrolment.live.person, *(print_.finger for print_ in enrolment.fingers.values()))
        people[enrolment.person].add(seeds)
    assert all(len(seeds) == 1 for seeds in people.values())
    fingers = [finger for (seeds,) in people.values() for finger in seeds[1:]]
    assert len(set(fingers)) == len(fingers)
    assert len({face for (seeds,) in people.values() for face in seeds[:1]}) == len(people)


def test_every_visit_has_its_own_captures(region: Region) -> None:
    shots = [e.live for e in region.enrolments]
    prints = [p for e in region.enrolments for p in e.fingers.values()]
    assert len(set(shots)) == len(shots)
    assert len(set(prints)) == len(prints)
    assert all(shot.shot > 0 for shot in shots)
    assert all(e.portrait.shot == 0 for e in region.enrolments)


def test_faces_on_borrowed_passports_belong_to_nobody_at_a_desk(region: Region) -> None:
    present = {e.live.person for e in region.enrolments}
    borrowed = [e for e in region.enrolments if Plant.PORTRAIT_MISMATCH in e.plants]
    assert not {e.portrait.person for e in borrowed} & present


def test_earlier_points_at_the_same_person_before(region: Region) -> None:
    seen: dict[int, str] = {}
    for enrolment in region.enrolments:
        assert enrolment.earlier == seen.get(enrolment.person)
        seen.setdefault(enrolment.person, enrolment.reference)


def test_passport_numbers_are_shared_only_where_planted_or_back_again(region: Region) -> None:
    shared = Counter((e.nationality, e.passport) for e in region.enrolments)
    for enrolment in region.enrolments:
        if shared[enrolment.nationality, enrolment.passport] > 1:
            assert enrolment.situation in {"number_reused", "back_again"}


def test_other_identities_differ_in_all_that_a_passport_states(region: Region) -> None:
    known = by_reference(region)
    found = [e for e in region.enrolments if Plant.SAME_PERSON_OTHER_IDENTITY in e.plants and e.earlier]
    for enrolment in found:
        before = known[enrolment.earlier or ""]
        assert (before.birth, before.passport) != (enrolment.birth, enrolment.passport)
        assert before.birth.year != enrolment.birth.year
        assert before.passport != enrolment.passport
    assert sum(known[e.earlier or ""].name != e.name for e in found) >= 3


def test_a_child_is_found_by_the_earlier_enrolment_alone(region: Region) -> None:
    known = by_reference(region)
    children = [e for e in region.enrolments if Plant.CHILD_POSSIBLE in e.plants and e.earlier]
    assert len(children) == 2
    for child in children:
        before = known[child.earlier or ""]
        assert age_on(child.birth, child.start) >= 18
        assert age_on(before.birth, child.start) == 16


def test_some_child_shows_its_age_in_its_own_document(region: Region) -> None:
    ages = [age_on(e.birth, e.start) for e in region.enrolments if Plant.CHILD_POSSIBLE in e.plants and not e.earlier]
    assert 17 in ages


def test_twenty_year_olds_go_to_domestic_work_in_singapore(region: Region) -> None:
    young = [e for e in region.enrolments if Plant.BELOW_SECTOR_MINIMUM in e.plants]
    in_singapore = [age_on(e.birth, e.start) for e in young if (e.destination, e.sector) == ("SGP", "domestic")]
    assert in_singapore == [20, 20]


def test_clean_workers_are_clean(region: Region, rules: tuple[AgeRule, ...]) -> None:
    clean = [e for e in region.enrolments if e.situation == "clean"]
    for enrolment in clean:
        assert not enrolment.plants
        assert parse_mrz(enrolment.mrz).checks_ok
        assert 25 <= age_on(enrolment.birth, enrolment.start) <= 40
        assert age_on(enrolment.birth, enrolment.start) > floor(enrolment, rules)
        assert enrolment.portrait.person == enrolment.live.person
    for field in ("name", "passport", "person"):
        everybody = Counter(getattr(e, field) for e in region.enrolments)
        assert all(everybody[getattr(e, field)] == 1 for e in clean)


def test_near_misses_are_there_and_silent(region: Region, rules: tuple[AgeRule, ...]) -> None:
    near = defaultdict(list)
    for enrolment in region.enrolments:
        near[enrolment.situation].append(enrolment)
    silent = ("back_again", "namesakes", "siblings", "of_age_that_day")
    assert not any(e.plants for situation in silent for e in near[situation])

    again = [e for e in near["back_again"] if e.earlier]
    assert len(again) == 3
    assert sum(by_reference(region)[e.earlier or ""].passport != e.passport for e in again) == 1

    one, other = near["namesakes"]
    assert (one.name, one.birth) == (other.name, other.birth)
    assert one.person != other.person
    assert one.passport != other.passport

    one, other = near["siblings"]
    assert parse_mrz(one.mrz).surname == parse_mrz(other.mrz).surname
    assert one.name != other.name

    minima = [floor(e, rules) for e in near["of_age_that_day"]]
    assert sorted(minima) == [18, 23]
    assert all(birthday(e.birth, m) == e.start for e, m in zip(near["of_age_that_day"], minima, strict=True))


def test_nothing_depends_on_the_clock(region: Region) -> None:
    assert all(date(2026, 6, 1) <= e.start <= date(2026, 8, 31) for e in region.enrolments)
    assert all(e.birth < date(2011, 1, 1) for e in region.enrolments)


def test_placements_fit_the_contract(region: Region) -> None:
    for e in region.enrolments:
        assert Placement(destination=e.destination, sector=e.sector, start=e.start)
        assert {e.member, e.destination, e.nationality} <= MEMBERS


# --- the register --------------------------------------------------------------------------------------------------


def test_the_register_takes_every_record(region: Region) -> None:
    for p in region.parties:
        properties = {name: list(values) for name, values in p.properties.items()}
        PartyBody.model_validate({"id": p.id, "schema": p.schema, "properties": properties, "source": "sandbox"})
    for link in region.links:
        LinkBody.model_validate({"from": link.party, "to": link.company, "kind": link.kind, "since": link.since})
    for c in region.cases:
        fields = {name: getattr(c, name) for name in ("party", "stage", "appeal", "court", "opened_on", "final_on")}
        CaseBody.model_validate({**fields, "offences": list(c.offences), "source": "sandbox"})
    for licence in region.licences:
        LicenceBody.model_validate(
            {name: getattr(licence, name) for name in LicenceBody.model_fields if hasattr(licence, name)}
        )
    for s in region.screenings:
        QueryEntity.model_validate({"schema": s.schema, "properties": {k: list(v) for k, v in s.properties.items()}})


def test_ids_are_unique_and_known(region: Region) -> None:
    parties = {party.id for party in region.parties}
    for records in (region.parties, region.links, region.cases, region.licences):
        assert len({record.id for record in records}) == len(records)
    assert all({link.party, link.company} <= parties for link in region.links)
    assert {record.party for record in (*region.cases, *region.licences)} <= parties
    assert all({*s.expect, *s.must_not_match} <= parties for s in region.screenings)


def proven(region: Region) -> set[str]:
    return {
        c.party
        for c in region.cases
        if c.stage is Stage.CONVICTED and c.final_on is not None and c.appeal is not Appeal.OVERTURNED
    }


def test_screenings_expect_what_the_cases_say(region: Region) -> None:
    guilty, pending = proven(region), {case.party for case in region.cases} - proven(region)
    for screening in region.screenings:
        if screening.expect_kind is Plant.SCREENING_CONVICTED:
            assert set(screening.expect) <= guilty
        elif screening.expect_kind is Plant.SCREENING_NOT_PROVEN:
            assert set(screening.expect) <= pending
        else:
            assert screening.expect_kind in {Plant.SCREENING_LINKED_CONVICTION, Plant.SCREENING_LOOKALIKE}


def test_a_linked_conviction_is_of_another_state_than_the_licence(region: Region) -> None:
    licences = {licence.party: licence for licence in region.licences}
    cases = {case.party: case for case in region.cases}
    linked = {(link.company, link.party) for link in region.links}
    for screening in region.screenings:
        if screening.expect_kind is Plant.SCREENING_LINKED_CONVICTION:
            company, person = screening.expect
            assert (company, person) in linked
            assert company not in cases
            assert person in proven(region)
            assert licences[company].member != cases[person].member


def test_overturned_convictions_are_only_to_stay_silent(region: Region) -> None:
    overturned = {case.party for case in region.cases if case.appeal is Appeal.OVERTURNED}
    assert len(overturned) == 2
    assert overturned <= {party for s in region.screenings for party in s.must_not_match}
    assert not overturned & {party for s in region.screenings for party in s.expect}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whoever_stands_in_the_docket_is_not_drawn_again(seed: int) -> None:
    parties = make_region(seed).parties
    cases = {case.party for case in make_region(seed).cases}
    names = Counter(name for party in parties for name in party.properties["name"])
    twice = {p.id for p in parties if p.id in cases and any(names[n] > 1 for n in p.properties["name"])}
    assert twice == {"mys-razali-yusof"}  # whose namesake is a look-alike


# --- names and files -----------------------------------------------------------------------------------------------


def test_names_are_composed(region: Region) -> None:
    names = [n for e in region.enrolments for n in (e.name, e.native_name)]
    names += [n for p in region.parties for n in p.properties["name"]]
    names += [n for s in region.screenings for n in s.properties["name"]]
    assert all(name == unicodedata.normalize("NFC", name) == name.strip() for name in names)


def test_passport_names_are_plain_latin(region: Region) -> None:
    assert all(e.name.isascii() for e in region.enrolments)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_utf_8_and_composed(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert text == unicodedata.normalize("NFC", text)


CUSTOMS = {
    "BRN": r"bin(ti)? ",
    "KHM": r"^\w+ \w+$",
    "LAO": r"^\w+ \w+$",
    "MMR": r"^\w+ \w+ \w+$",
    "PHL": r"^\w+.* .*\w+ .*\w+$",
    "THA": r"^\w+ \w+$",
    "VNM": r"^\w+ (Van|Huu|Quang|Dinh|Thi|Ngoc|Thu|Thi Kim) \w+$",
}


@pytest.mark.parametrize("member", sorted(CUSTOMS))
@pytest.mark.parametrize("sex", ["M", "F"])
@given(rng=RANDOMS)
@settings(max_examples=20)
def test_names_follow_the_custom(member: str, sex: str, rng: Random) -> None:
    name = draw_name(member, sex, rng)
    assert re.search(CUSTOMS[member], name.latin)
    assert bool(name.secondary) == (member not in {"BRN", "MMR"})
    if member in {"KHM", "LAO", "MMR", "THA"}:
        assert not any("LATIN" in unicodedata.name(letter) for letter in name.native if letter.isalpha())


@given(rng=RANDOMS, sex=st.sampled_from("MF"))
def test_indonesians_may_have_one_name_or_a_clan(rng: Random, sex: str) -> None:
    name = draw_name("IDN", sex, rng)
    assert (" " in name.latin) == bool(name.secondary)


@given(rng=RANDOMS, sex=st.sampled_from("MF"))
def test_singapore_and_malaysia_have_three_traditions(rng: Random, sex: str) -> None:
    links = {"SGP": {"bin", "binte", "s/o", "d/o"}, "MYS": {"bin", "binti", "a/l", "a/p"}}
    for member, words in links.items():
        name = draw_name(member, sex, rng)
        assert bool(name.secondary) != bool(words & set(name.latin.split()))
