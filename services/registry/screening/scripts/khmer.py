"""Khmer: consonants of two series, which decide how each vowel sounds, spelt as on Cambodian passports.

Source: UNGEGN / Geographic Department 1995 romanisation of Khmer, with the vowels that passports prefer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest, spelt

_FIRST: Final = spelt("កខចឆដឋណតថបផសហឡអឝឞ", "k kh ch chh d th n t th b ph s h l - s s")
_SECOND: Final = spelt("គឃងជឈញឌឍទធនពភមយរលវ", "k kh ng ch chh nh d th t th n p ph m y r l v")
_ONSETS: Final = _FIRST | _SECOND
_SONORANTS: Final = frozenset("ងញនមយរលវ")  # take the series of what is before them
_CODAS: Final = spelt(
    "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយលវសរឝឞ", "k k k k ng ch ch ch ch nh t t t t n t t t t n p p p p m y l v s - s s"
)
_INDEPENDENT: Final = {
    "ឥ": "e", "ឦ": "ey", "ឧ": "u", "ឩ": "ou", "ឪ": "ov", "ឫ": "rue", "ឬ": "rue", "ឭ": "lue", "ឮ": "lue", "ឯ": "ae",
    "ឰ": "ai", "ឱ": "ao", "ឲ": "ao", "ឳ": "ov",
}  # fmt: skip
_VOWELS: Final = {
    # sign: first series, second series; the usual spelling first, rare ones after a stroke
    "ា": (("a",), ("ea", "a")),
    "ិ": (("i", "e"), ("i",)),
    "ី": (("ey", "y", "i"), ("i", "y")),
    "ឹ": (("oe", "eu", "i"), ("eu", "i", "ue")),
    "ឺ": (("eu",), ("eu", "ue")),
    "ុ": (("o", "u"), ("u", "-o")),
    "ូ": (("o", "ou"), ("ou", "u")),
    "ួ": (("uo", "ua"), ("uo", "ua")),
    "ើ": (("aeu", "eu"), ("eu", "oeu")),
    "ឿ": (("oeu", "oea"), ("oeu", "oea")),
    "ៀ": (("ie", "ea"), ("ie", "ea")),
    "េ": (("e", "ei", "-i"), ("e", "i")),
    "ែ": (("ae", "-e"), ("e", "ae")),
    "ៃ": (("ai", "ay"), ("ey", "ai")),
    "ោ": (("o", "ao"), ("o", "ou")),
    "ៅ": (("au", "av"), ("ov", "au")),
    "ុំ": (("om", "um"), ("um", "om")),
    "ំ": (("am", "om"), ("um", "om")),
    "ាំ": (("am",), ("oam", "am")),
    "ះ": (("ah",), ("eah",)),
    "ុះ": (("oh",), ("uh",)),
    "េះ": (("eh",), ("eh",)),
    "ោះ": (("aoh",), ("oh",)),
}
_SYLLABLE: Final = re.compile(
    r"(?P<onset>[ក-អ](?:្[ក-អ])*)(?P<shift>[៉៊])?(?:្[ក-អ])?(?P<vowel>ុំ|ាំ|ុះ|េះ|ោះ|[ា-ៅ]ះ?|[ំះ])?[៉៊]?"
)
_FINAL: Final = re.compile(r"(?P<final>[ក-អ])់?(?P<more>(?:្[ក-អ])*)(?![ា-ៈ៉៊្])")
_STACK_OF_THREE: Final = re.compile("[ក-អ]្[ក-អ]្[ក-អ]")
_SILENCED: Final = re.compile(r"[ក-អ](?:្[ក-អ])?[ិុ]?៍")
_MARKS: Final = re.compile(r"[័៌៎៏៑៓\u200b\u17b4\u17b5]")
_LABIAL: Final = {"ប៉": "p", "ហ្វ": "f", "ហ្គ": "g", "ហ្ស": "z", "ហ្ន": "n", "ហ្ម": "m", "ហ្ល": "l"}
_NEXT_BEST: Final = 0.15
_RARE: Final = 0.45
_INHERENT: Final = {0: ("a", "-o"), 1: ("o", "a", "-oa")}


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of a Khmer word, the most usual first."""
    plain = _MARKS.sub("", _SILENCED.sub("", word))
    return cheapest(len(plain), lambda at: _arcs(plain, at))


def _arcs(word: str, at: int) -> Iterator[Arc]:
    found = _SYLLABLE.match(word, at)
    if found:
        yield from _syllables(word, found)
    elif word[at] in _INDEPENDENT:
        yield from _closed(word, at + 1, _INDEPENDENT[word[at]], 0.0)
    else:
        yield Arc(at + 1, word[at] if word[at].isascii() else "", 2.0)


def _syllables(word: str, found: re.Match[str]) -> Iterator[Arc]:
    onset = _onset(found["onset"], found["shift"])
    vowel, series = found["vowel"], _series(word, found)
    if not vowel:
        doubled = word[found.end() : found.end() + 1] == word[found.end() + 2 : found.end() + 3] != ""
        for inherent, cost in _ranked(("a",) if doubled else _INHERENT[series]):
            yield from _closed(word, found.end(), onset + inherent, cost, empty=5.0)
        yield Arc(found.end(), onset + "a", 0.6 if word[found.end() : found.end() + 1].strip() else 1.2)
        return
    plain = _VOWELS.get(vowel)
    breath = "" if plain else "h"
    for sign, cost in _ranked((plain or _VOWELS.get(vowel[:-1], (("",), ("",))))[series]):
        yield from _closed(word, found.end(), onset + sign + breath, cost)


def _ranked(signs: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    for rank, sign in enumerate(signs):
        yield sign.removeprefix("-"), _RARE if sign.startswith("-") else _NEXT_BEST * rank


def _closed(word: str, end: int, text: str, cost: float, empty: float = 0.1) -> Iterator[Arc]:
    """A syllable without and with the consonant that may close it."""
    yield Arc(end, text, cost + empty)
    final = _FINAL.match(word, end)
    if final and final["final"] in _CODAS:
        coda = _CODAS[final["final"]]
        doubled = final["more"] == "្" + final["final"] and len(coda) == 1
        yield Arc(final.end(), text + coda * (2 if doubled else 1), cost)
        if final["more"].endswith("រ"):
            yield Arc(final.end(), text + coda + "r", cost + 0.2)
        if final["more"][-1:] in {"ធ", "ថ", "ឋ"}:
            yield Arc(final.end(), text + "th", cost + 0.1)
        if final["more"]:  # a subscript under the final one begins the next syllable: មេត្តា met-ta
            yield Arc(final.end(), text + _CODAS[final["final"]] + _ONSETS[final["more"][-1]] + "a", cost + 0.4)
    stacked = re.compile(r"([ក-អ])(?=្[ក-អ])").match(word, end)
    if stacked and stacked[1] in _CODAS and end + 2 < len(word):
        yield Arc(end + 2, text + _CODAS[stacked[1]], cost - 0.05)
        if _STACK_OF_THREE.match(word, end):  # the middle one is hardly heard: ចន្ទ្នា chan-na
            yield Arc(end + 4, text + _CODAS[stacked[1]], cost)


def _onset(letters: str, shift: str | None) -> str:
    if letters == "ប" and shift == "៉":
        return "p"
    if letters in _LABIAL:
        return _LABIAL[letters]
    return "".join(_ONSETS[letter] for letter in letters.replace("្", ""))


def _series(word: str, found: re.Match[str]) -> int:
    """0 for the first series of consonants, 1 for the second."""
    if found["shift"]:
        return 0 if found["shift"] == "៉" else 1
    strong = [letter for letter in found["onset"].replace("្", "") if letter not in _SONORANTS]
    if strong:
        return 0 if strong[-1] in _FIRST else 1
    before = [letter for letter in word[: found.start()] if letter in _ONSETS]
    return 0 if before and before[-1] in _FIRST else 1
