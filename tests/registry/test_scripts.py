"""Every script: invented and common names read as people spell them, and what must stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.screening.scripts import (
    burmese,
    chinese,
    jawi,
    khmer,
    lao,
    normalise,
    readings,
    script_of,
    tamil,
    thai,
    vietnamese,
    weigh_readings,
    zawgyi,
)
from services.registry.screening.scripts.lattice import MAX_READINGS, Arc, cheapest, spelt

READ = [
    (thai, "สมชาย", "somchai"),
    (thai, "พรทิพย์", "phonthip"),
    (thai, "แสงเดือน", "saengduean"),
    (thai, "วรรณา", "wanna"),
    (thai, "ชาติ", "chat"),
    (thai, "วุฒิ", "wut"),
    (thai, "ณัฐพร", "natthaphon"),
    (thai, "ศรีสุข", "srisuk"),
    (thai, "แสดง", "sadaeng"),
    (thai, "หญิง", "ying"),
    (lao, "ໄຊຍະ", "xaya"),
    (lao, "ວຽງຄຳ", "viengkham"),
    (lao, "ບຸນມີ", "bounmy"),
    (khmer, "សុខា", "sokha"),
    (khmer, "ស្រី", "srey"),
    (khmer, "ជា", "chea"),
    (khmer, "ដារា", "dara"),
    (khmer, "វណ្ណ", "vann"),
    (burmese, "ကျော်", "kyaw"),
    (burmese, "အောင်", "aung"),
    (burmese, "မြင့်", "myint"),
    (burmese, "ရွှေ", "shwe"),
    (burmese, "သူရ", "thuya"),
    (burmese, "စန္ဒာ", "sanda"),
    (tamil, "முருகன்", "murugan"),
    (tamil, "தமிழ்", "tamil"),
    (tamil, "இராமன்", "raman"),
    (jawi, "رحمت", "rahamat"),
    (jawi, "نورليدا", "nurlida"),
]


@pytest.mark.parametrize(("script", "native", "latin"), READ, ids=[f"{m.__name__[-5:]}-{t}" for m, _, t in READ])
def test_a_name_is_read_as_it_is_spelt(script, native: str, latin: str) -> None:
    assert latin in [reading.text for reading in script.readings(normalise(native))]


@pytest.mark.parametrize(
    ("one", "other"),
    [("နီနီ", "နုနု"), ("ဝင်း", "လွင်"), ("ဆွေ", "ရွှေ"), ("မောင်", "အောင်"), ("สมชาย", "สมหญิง"), ("ພອນ", "ພູນ")],
)
def test_different_names_have_no_usual_reading_in_common(one: str, other: str) -> None:
    assert not {weigh_readings(one)[0].text} & {weigh_readings(other)[0].text}


def test_the_most_usual_reading_comes_first_and_costs_nothing() -> None:
    found = weigh_readings("สมชาย")
    assert (found[0].text, found[0].cost) == ("somchai", 0.0)
    assert [reading.cost for reading in found] == sorted(reading.cost for reading in found)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ေအာင္ဆန္းစုၾကည္", "အောင်ဆန်းစုကြည်"),
        ("ျမန္မာ", "မြန်မာ"),
        ("ေက်ာ္", "ကျော်"),
        ("ျမင့္", "မြင့်"),
        ("ေရႊ", "ရွှေ"),
        ("လိႈင္", "လှိုင်"),
    ],
)
def test_zawgyi_is_told_and_becomes_unicode(typed: str, meant: str) -> None:
    assert zawgyi.is_zawgyi(typed)
    assert zawgyi.to_unicode(typed) == meant
    assert normalise(typed) == meant


@pytest.mark.parametrize("text", ["အောင်ဆန်းစုကြည်", "မြန်မာ", "ကျော်စွာ", "သျီႇမႃႇၼူႇၵီႇ", "စန္ဒာ", "ရွှေ", "Kyaw", ""])
def test_unicode_burmese_and_shan_are_left_alone(text: str) -> None:
    assert not zawgyi.is_zawgyi(text)


def test_burmese_is_parted_into_syllables() -> None:
    assert burmese.segment("ကျော်စွာအောင်") == ["ကျော်", "စွာ", "အောင်"]
    assert "".join(burmese.segment("မမxကို")) == "မမxကို"


def test_traditional_characters_are_simplified() -> None:
    assert chinese.normalise("陳大文") == "陈大文"
    assert normalise("陳大文") == normalise("陈大文")


def test_chinese_is_read_in_the_regions_languages() -> None:
    spelt_names = {"".join(words) for words in chinese.spell(tuple(chinese.readings(each) for each in "陈伟明"))}
    assert {"chenweiming", "chanwaiming", "tanweebeng", "tanweiming"} <= spelt_names


def test_tones_are_weak_and_vowels_less_weak_evidence() -> None:
    assert vietnamese.marks_alike("hùng", "hùng") == 1.0
    assert vietnamese.marks_alike("hùng", "húng") == vietnamese.OTHER_TONE
    assert vietnamese.marks_alike("hùng", "hưng") == vietnamese.OTHER_VOWEL
    assert vietnamese.without_tone("nguyễn") == "nguyên"
    assert vietnamese.is_vietnamese("hưng")
    assert not vietnamese.is_vietnamese("josé")


def test_keyboards_of_arabic_script_write_one_letter() -> None:
    assert jawi.normalise("علي") == jawi.normalise("علی")
    assert jawi.normalise("أَحْمَد") == "احمد"


def test_the_script_is_that_of_most_letters() -> None:
    assert [script_of(name) for name in ("สมชาย", "Kyaw ကို", "陈", "123", "")] == ["THAI", "LATIN", "CJK", "", ""]


@given(st.text(alphabet="กขคงมนรวสศทธเแโใไัิีึืุูาะำ์็่้ฤๆ -a1", max_size=40))
def test_any_thai_is_read_or_refused_within_bounds(word: str) -> None:
    assert len(weigh_readings(word)) <= MAX_READINGS


@given(st.text(alphabet=st.characters(min_codepoint=0x0B80, max_codepoint=0x1800), max_size=40))
def test_no_word_of_any_script_breaks_a_reader(word: str) -> None:
    found = readings(normalise(word))
    assert found
    assert all(text.isascii() for text in found)


@pytest.mark.parametrize("block", [0x0E00, 0x0E80, 0x1000, 0x1780])
def test_no_two_letters_of_a_script_break_its_reader(block: int) -> None:
    """Old and rare letters, and signs that stand where they cannot: real lists have them."""
    letters = [chr(code) for code in range(block, block + 0x80)]
    for word in (*letters, *(one + other for one in letters for other in letters)):
        assert readings(normalise(word))


@given(st.text(alphabet=st.characters(min_codepoint=0x1000, max_codepoint=0x109F), max_size=30))
def test_no_burmese_letters_break_the_conversion(text: str) -> None:
    assert isinstance(normalise(text), str)


def test_the_cheapest_way_through_a_word_wins() -> None:
    arcs = {0: [Arc(1, "a", 0.5), Arc(2, "b", 0.2)], 1: [Arc(2, "c", 0.0)]}
    assert [reading.text for reading in cheapest(2, lambda at: arcs[at])] == ["b", "ac"]
    assert cheapest(2, lambda at: arcs[0] if at == 0 else [])[0].text == "b"


def test_letters_are_spelt_one_for_one() -> None:
    assert spelt("กอ", "k -") == {"ก": "k", "อ": ""}
    with pytest.raises(ValueError, match="zip"):
        spelt("ก", "k g")
