"""The figures of the name engine, on lists small enough to count by hand."""

from __future__ import annotations

from services.registry.screening.evaluation import Half, JudgedPair, NativeName, measure_names, measure_transliteration
from services.registry.screening.learning import learn, learn_and_measure

PAIRS = [
    JudgedPair("Somchai Wongsakul", "Somchai Wongsakul", "Person", same=True, group="thai"),
    JudgedPair("สมชาย วงศ์สกุล", "Somchai Wongsakul", "Person", same=True, group="thai"),
    JudgedPair("Somchai Wongsakul", "Boonmee Saetang", "Person", same=False, group="thai"),
    JudgedPair("Maria Santos", "Juan Reyes", "Person", same=True, group="other"),
]


def test_names_are_counted_at_the_threshold_and_at_best() -> None:
    found = measure_names(PAIRS)
    assert (found["n"], found["precision"], found["recall"], found["f1"]) == (4, 1.0, 0.6667, 0.8)
    assert found["best_f1"] == 0.8571  # all four said to be the same: three of four right
    assert found["recall_at_p95"] == 0.6667
    assert found["by_set"]["thai"]["f1"] == 1.0
    assert found["by_set"]["other"]["recall"] == 0.0
    assert sum(tenth["n"] for tenth in found["calibration"]) == 4
    assert set(found["peers"]["wratio_on_ascii"]) == set(found["by_set"]["thai"])


def test_a_native_name_is_looked_for_among_all_spellings_of_its_set() -> None:
    names = [
        NativeName("thai", "สมชาย", ("somchai", "somchay")),
        NativeName("thai", "สมหญิง", ("somying",)),
        NativeName("burmese", "ကျော်", ("zzz",)),
        NativeName("burmese", "အောင်", ("aung",)),
    ]
    found = measure_transliteration(names)
    assert (found["thai"]["n"], found["thai"]["top1"], found["thai"]["top10"]) == (2, 1.0, 1.0)
    assert (found["burmese"]["top1"], found["burmese"]["top10"]) == (0.5, 1.0)
    assert set(found["burmese"]["peers"]["anyascii"]) == {"top1", "top10"}


def test_every_name_is_in_one_half() -> None:
    for name in ("สมชาย", "ကျော်", "Maria Santos"):
        assert Half.FIRST.keeps(name) is not Half.SECOND.keeps(name)
        assert Half.ALL.keeps(name)


def test_a_table_of_syllables_is_learned_from_names_of_as_many_words() -> None:
    names = [
        NativeName("b", "ကျော်အောင်", ("kyaw aung",)),
        NativeName("b", "အောင်ကျော်", ("aung kyaw", "aung chaw")),
        NativeName("b", "အောင်", ("aung too many",)),
    ]
    assert learn(names) == {"ကျော်": "kyaw", "အောင်": "aung"}


def test_what_was_learned_is_measured_on_other_names() -> None:
    names = [NativeName("b", native, (latin,)) for native, latin in MANY]
    found = learn_and_measure(names)
    assert found.figures["learned_from"] + found.figures["measured_on"] == len(names)
    assert found.figures["by_rule"] == 1.0
    assert found.figures["by_table_else_rule"] == 1.0


SYLLABLES = {"ကျော်": "kyaw", "အောင်": "aung", "ဇော်": "zaw", "ဝင်း": "win", "မြင့်": "myint", "လှိုင်": "hlaing"}
MANY = [(a + b, f"{x} {y}") for a, x in SYLLABLES.items() for b, y in SYLLABLES.items()]
