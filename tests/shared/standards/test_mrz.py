"""The machine-readable zone against the vectors of ICAO Doc 9303."""

from __future__ import annotations

import contextlib
import string
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.standards.dates import DateInterval
from shared.standards.mrz import (
    Mrz,
    MrzFormat,
    MrzFormatError,
    birth_interval,
    check_digit,
    expiry_date,
    name_field,
    parse_mrz,
    transliterate,
    write_mrz,
)
from shared.standards.mrz.layout import LAYOUTS

TODAY = date(2026, 11, 15)
ALPHABET = string.digits + string.ascii_uppercase + "<"

# Source: ICAO Doc 9303-4 appendix B, -5, -6 and -7 (specimens of Utopia); long numbers: Doc 9303-11 appendix D.2.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
MRV_A = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<"
MRV_B = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL898902C<3UTO6908061F9406236ZE184226"
TD1_LONG = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"
TD2_LONG = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8"
VECTORS = {
    "TD3": TD3,
    "TD1": TD1,
    "TD2": TD2,
    "MRV-A": MRV_A,
    "MRV-B": MRV_B,
    "TD1 long": TD1_LONG,
    "TD2 long": TD2_LONG,
}


@pytest.mark.parametrize("name", VECTORS)
def test_published_specimens_check(name: str) -> None:
    mrz = parse_mrz(VECTORS[name])
    assert mrz.format == name.partition(" ")[0]
    assert mrz.checks_ok, [check.field for check in mrz.checks if not check.ok]
    assert mrz.issuer == "UTO"


@pytest.mark.parametrize("name", VECTORS)
def test_lines_may_be_run_together_spaced_or_lower_case(name: str) -> None:
    text = VECTORS[name]
    assert parse_mrz(text.replace("\n", "")) == parse_mrz(text)
    assert parse_mrz("\n  " + text.lower().replace("\n", " \r\n\n ")) == parse_mrz(text)


def test_passport_fields() -> None:
    mrz = parse_mrz(TD3)
    assert (mrz.document_code, mrz.document_number, mrz.nationality) == ("P", "L898902C3", "UTO")
    assert (mrz.surname, mrz.given_names, mrz.names_may_be_cut) == ("ERIKSSON", "ANNA MARIA", False)
    assert (mrz.birth, mrz.sex, mrz.expiry, mrz.optional_data) == ("740812", "F", "120415", "ZE184226B")
    assert [check.field for check in mrz.checks] == [
        "document_number",
        "birth",
        "expiry",
        "optional_data",
        "composite",
    ]


def test_identity_card_fields() -> None:
    mrz = parse_mrz(TD1)
    assert (mrz.document_number, mrz.nationality, mrz.surname) == ("D23145890", "UTO", "ERIKSSON")
    assert (mrz.birth, mrz.sex, mrz.expiry) == ("740812", "F", "120415")


@pytest.mark.parametrize("text", [TD1_LONG, TD2_LONG])
def test_long_document_number_continues_in_the_optional_data(text: str) -> None:
    mrz = parse_mrz(text)
    assert mrz.document_number == "D23145890734"
    assert mrz.optional_data == ""
    assert mrz.checks[0].expected == "9"


def test_visas_have_no_composite_digit() -> None:
    assert "composite" not in {check.field for text in (MRV_A, MRV_B) for check in parse_mrz(text).checks}


def test_empty_personal_number_may_have_a_blank_check_digit() -> None:
    line = "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<"
    composite = check_digit(line[0:10] + line[13:20] + line[21:42] + "<")
    assert parse_mrz(f"{TD3.splitlines()[0]}\n{line}<{composite}").checks_ok
    assert parse_mrz(f"{TD3.splitlines()[0]}\n{line}0{composite}").checks_ok


@pytest.mark.parametrize("name", VECTORS)
def test_every_substitution_that_the_weights_can_see_is_seen(name: str) -> None:
    mrz = parse_mrz(VECTORS[name])
    lines = VECTORS[name].splitlines()
    rules = LAYOUTS[mrz.format].checks
    covered = {(s.line, c) for rule in rules for s in rule.over for c in range(s.start, s.end)}
    for line, column in sorted(covered):
        for character in ALPHABET:
            before = lines[line][column]
            if check_digit(character) == check_digit(before):
                continue
            row = lines[line][:column] + character + lines[line][column + 1 :]
            altered = parse_mrz("\n".join([*lines[:line], row, *lines[line + 1 :]]))
            assert not altered.checks_ok, (name, line, column, character)


@pytest.mark.parametrize("name", VECTORS)
def test_every_altered_check_digit_is_seen(name: str) -> None:
    lines = VECTORS[name].splitlines()
    for rule in LAYOUTS[parse_mrz(VECTORS[name]).format].checks:
        row = lines[rule.at.line]
        for character in set(ALPHABET) - {row[rule.at.start]}:
            altered = row[: rule.at.start] + character + row[rule.at.end :]
            rest = [altered if i == rule.at.line else other for i, other in enumerate(lines)]
            assert not parse_mrz("\n".join(rest)).checks_ok, (rule.field, character)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lines of"),
        ("P<UTO", "lines of"),
        (TD3 + "<", "lines of"),
        (TD3.replace("\n", "")[:43] + "\n" + TD3.replace("\n", "")[43:], "TD3 has 2 of 44"),
        (TD3.replace("ANNA", "ANÑA"), r"line 1, position 18: character U\+00D1"),
        (TD3.replace("<<<10", "<?<10"), r"line 2, position 41: character U\+003F"),
        ("ß" * 88, "U\\+00DF"),
        ("<" * 100_000, "longer than"),
    ],
)
def test_what_is_no_zone_is_refused_with_place(text: str, says: str) -> None:
    with pytest.raises(MrzFormatError, match=says):
        parse_mrz(text)


@given(st.text(max_size=300))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(MrzFormatError):  # any other error fails the test
        parse_mrz(text)


@given(st.text(alphabet=ALPHABET, min_size=88, max_size=88))
def test_any_zone_of_the_right_size_parses(text: str) -> None:
    assert isinstance(parse_mrz(text), Mrz)


def test_a_record_never_prints_personal_data() -> None:
    assert "ERIKSSON" not in repr(parse_mrz(TD3))


# Source: Doc 9303-4 4.2.3 (39 characters) and -5 4.2.3 (30 characters).
@pytest.mark.parametrize(
    ("surname", "given_names", "written"),
    [
        ("Eriksson", "Anna Maria", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
        ("Smith-Jones", "Susie Margaret", "SMITH<JONES<<SUSIE<MARGARET<<<<<<<<<<<<"),
        ("O'Connor", "Enya Siobhan", "OCONNOR<<ENYA<SIOBHAN<<<<<<<<<<<<<<<<<<"),
        ("Arkfreith", "", "ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"),
        ("", "Arkfreith", "ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"),
        ("Nilavadhanananda", "Chayapa Dejthamrong Krasuang", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        ("Nilavadhanananda", "Arnpol Petch Charonguang", "NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU"),
        (
            "Bennelong Wooloomooloo Warrandyte Warnambool",
            "Dingo Potoroo",
            "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI",
        ),
        ("Bennelong Wooloomooloo Warrandyte Warnambool", "Dingo Potoroo", "BENNELONG<WOOLOOMOOLOO<W<W<<DI"),
        ("Papandropoulous", "Jonathon Warren Trevor", "PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR"),
    ],
)
def test_names_are_written_and_cut_as_published(surname: str, given_names: str, written: str) -> None:
    assert name_field(surname, given_names, len(written)) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Nguyễn Thị Hường", "NGUYEN<THI<HUONG"),
        ("Đặng Văn Lưu", "DANG<VAN<LUU"),
        ("Müßig", "MUESSIG"),
        ("Þórðarson Åse Øgård", "THORDARSON<AASE<OEGAARD"),
        ("D\u2019Artagnan, Marie-Elise (Jr.)", "DARTAGNAN<MARIE<ELISE<JR"),
        ("Łukasz Peña", "LUKASZ<PENA"),
        ("Ġorġ Ħaż ıĳ", "GORG<HAZ<IIJ"),
    ],
)
def test_diacritics_follow_the_recommended_table(name: str, written: str) -> None:
    assert transliterate(name) == written


@pytest.mark.parametrize("name", ["สมชาย", "R2D2", "Аня"])
def test_other_scripts_and_digits_are_refused(name: str) -> None:
    with pytest.raises(MrzFormatError, match="name, position"):
        transliterate(name)


words = st.lists(st.text(alphabet=string.ascii_uppercase, min_size=1, max_size=20), min_size=1, max_size=6)


@given(words, words, st.sampled_from([30, 31, 39]))
def test_a_cut_name_ends_in_a_letter_and_keeps_both_parts(
    surname: list[str], given_names: list[str], width: int
) -> None:
    field = name_field(" ".join(surname), " ".join(given_names), width)
    primary, _, secondary = field.strip("<").partition("<<")
    assert len(field) == width
    assert surname[0].startswith(primary.split("<")[0][:width])
    assert secondary[0] == given_names[0][0]
    if len("<".join(surname) + "<<" + "<".join(given_names)) > width:
        assert field[-1] != "<"


numbers = st.text(alphabet=string.digits + string.ascii_uppercase, min_size=1, max_size=13)


@given(
    st.sampled_from(MrzFormat),
    numbers,
    st.dates(date(1930, 1, 1), TODAY),
    st.sampled_from("MF<"),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.text(alphabet=string.digits + string.ascii_uppercase, max_size=3),
)
def test_round_trip(mrz_format: MrzFormat, number: str, birth: date, sex: str, expiry: date, optional: str) -> None:
    assume(len(number) <= 9 or mrz_format == MrzFormat.TD1)
    code = "V" if mrz_format.startswith("MRV") else "P"
    text = write_mrz(
        mrz_format,
        document_code=code,
        issuer="UTO",
        surname="Tan",
        given_names="Mei Ling",
        document_number=number,
        nationality="UTO",
        birth=f"{birth:%y%m%d}",
        sex=sex,
        expiry=f"{expiry:%y%m%d}",
        optional_data=optional,
    )
    mrz = parse_mrz(text)
    assert mrz.checks_ok
    assert (mrz.format, mrz.document_code, mrz.surname, mrz.given_names) == (mrz_format, code, "TAN", "MEI LING")
    assert (mrz.document_number, mrz.sex, mrz.optional_data) == (number, sex, optional)
    assert birth_interval(mrz.birth, TODAY).overlaps(DateInterval.exactly(birth)) or birth.year < 1927
    assert expiry_date(mrz.expiry, TODAY) == expiry


def test_writer_says_which_field_does_not_fit() -> None:
    def write(**changed: str) -> str:
        fields = {
            "document_code": "P",
            "issuer": "UTO",
            "surname": "TAN",
            "given_names": "MEI",
            "document_number": "A1",
            "nationality": "UTO",
            "birth": "900101",
            "sex": "X",
            "expiry": "300101",
        }
        return write_mrz(MrzFormat.TD3, **(fields | changed))

    assert parse_mrz(write()).sex == "<"
    for field, value in [
        ("document number", "A" * 10),
        ("issuer", "UTOP"),
        ("birth", "1990-01-01"),
        ("nationality", "U?"),
        ("optional data 2", "X"),
    ]:
        with pytest.raises(MrzFormatError, match=field):
            write(**{field.replace(" ", "_"): value})
    with pytest.raises(MrzFormatError, match="name"):
        write(surname="", given_names="'")


@pytest.mark.parametrize(
    ("raw", "earliest", "latest"),
    [
        ("740812", date(1974, 8, 12), date(1974, 8, 12)),
        ("261115", TODAY, TODAY),
        ("261116", date(1926, 11, 16), date(1926, 11, 16)),
        ("08<<<<", date(2008, 1, 1), date(2008, 12, 31)),
        ("080000", date(2008, 1, 1), date(2008, 12, 31)),
        ("0802<<", date(2008, 2, 1), date(2008, 2, 29)),
        ("080200", date(2008, 2, 1), date(2008, 2, 29)),
        ("26<<<<", date(2026, 1, 1), TODAY),
        ("000229", date(2000, 2, 29), date(2000, 2, 29)),
        ("<<<<<<", date(1906, 1, 1), TODAY),
        ("000000", date(1906, 1, 1), TODAY),
        ("<<0812", date(1906, 1, 1), TODAY),
    ],
)
def test_birth_dates_become_intervals(raw: str, earliest: date, latest: date) -> None:
    assert birth_interval(raw, TODAY) == DateInterval(earliest, latest)


@pytest.mark.parametrize("raw", ["741312", "740832", "990229", "74081", "7408122", "74O812", "7<0812", "٧٤٠٨١٢"])
def test_impossible_dates_are_refused(raw: str) -> None:
    with pytest.raises(MrzFormatError, match="birth date"):
        birth_interval(raw, TODAY)
    with pytest.raises(MrzFormatError, match="expiry date"):
        expiry_date(raw, TODAY)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("120415", date(2012, 4, 15)),
        ("761115", date(1976, 11, 15)),
        ("751115", date(2075, 11, 15)),
        ("3002<<", date(2030, 2, 28)),
        ("30<<<<", date(2030, 12, 31)),
        ("<<<<<<", None),
    ],
)
def test_expiry_dates(raw: str, day: date | None) -> None:
    assert expiry_date(raw, TODAY) == day
