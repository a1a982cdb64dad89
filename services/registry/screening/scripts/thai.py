"""Thai: syllables parsed by rule, spelt by the Royal Institute's system, with the vowels that Thai leaves unwritten.

Source: Royal Thai General System of Transcription (1999, ISO 11940-2:2007); the habits of Thai passports
(`j` for จ, final `l` for ล) fall together with it under sounds.sound or are given as further readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest, spelt

_ONSETS: Final = (
    spelt("กขฃคฅฆงจฉชฌซศษสญยฎดฏต", "k kh kh kh kh kh ng ch ch ch ch s s s s y y d d t t")
    | spelt("ฐฑฒถทธณนบปผพภฝฟมรลฬวหฮอ", "th th th th th th n n b p ph ph ph f f m r l l w h h -")
    | {"ฤ": "rue", "ฦ": "lue"}
)
_CODAS: Final = {
    letter: sound
    for sound, letters in (
        ("k", "กขคฆ"),
        ("ng", "ง"),
        ("t", "จชซฎฏฐฑฒดตถทธศษส"),
        ("n", "ญณนรลฬ"),
        ("p", "บปพฟภ"),
        ("m", "ม"),
        ("i", "ย"),
        ("o", "ว"),
    )
    for letter in letters
}
_C: Final = "[ก-ฮ]"
_CLUSTER: Final = "(?:[กขคตปพผบฟด][รล]|[กขค]ว|ทร|สร|ศร|ห[งญนมยรลว]|อย)"
_SILENCED: Final = re.compile(r"[ก-ฮ][ิุ]?์")
_NO_SOUND: Final = re.compile(r"[่-ฺ๋ๆฯ๎]")
_CLOSE: Final = f"(?P<f>{_C})?(?!รร|[ัิ-ูาะ็ำ])"  # a final consonant has no vowel of its own

_VOWELS: Final = tuple(
    (
        re.compile(pattern.replace("#", f"(?P<o>{onset})").replace("@", f"(?P<o>{_C}{_C})").replace("+", _CLOSE)),
        vowel,
        cost,
    )
    for onset in (_CLUSTER, _C)
    for pattern, vowel, cost in (
        ("เ#ียะ?+", "ia", 0.0),
        ("เ#ือะ?+", "uea", 0.0),
        ("เ#ย(?![ัิ-ูา])", "oei", 0.1),
        ("เ#ิ+", "oe", 0.0),
        ("เ#อ(?![ัิ-ู])+", "oe", 0.1),
        ("เ#าะ", "o", 0.0),
        ("เ#า", "ao", 0.0),
        ("เ#[็ะ]?+", "e", 0.2),
        ("แ#[็ะ]?+", "ae", 0.0),
        ("โ#ะ?+", "o", 0.0),
        ("[ใไ]#ย?", "ai", 0.0),
        ("#ัวะ?", "ua", 0.0),
        ("#ัย", "ai", 0.0),
        ("#ั+", "a", 0.0),
        ("#รร+", "a", 0.1),
        ("#ำ", "am", 0.0),
        ("#า+", "a", 0.0),
        ("#ะ", "a", 0.0),
        ("#ิ+", "i", 0.0),
        ("#ี+", "i", 0.0),
        ("#ึ+", "ue", 0.0),
        ("#ือ?+", "ue", 0.0),
        ("#ุ+", "u", 0.0),
        ("#ู+", "u", 0.0),
        ("#ว(?P<x>)+", "ua", 0.3),
        ("#็?อ+", "o", 0.1),
        ("#+", "o", 0.5),
        ("#(?!$|[ -]|รร|[ัิ-ูาะ็ำ])", "a", 0.8),
        # a leading vowel spoken after the second of two consonants: แสดง sa-daeng, เผด็จ pha-det
        ("เ@ิ+", "oe", 0.5),
        ("เ@็?+", "e", 0.6),
        ("เ@ือ+", "uea", 0.5),
        ("เ@ีย+", "ia", 0.5),
        ("เ@า", "ao", 0.5),
        ("แ@[็ะ]?+", "ae", 0.5),
        ("โ@+", "o", 0.5),
        ("[ใไ]@", "ai", 0.5),
    )
)
_SILENT_I: Final = re.compile("[ตฒธมด][ิุ](?=$|[เ-ไก-ฮ])")  # ชาติ chat, วุฒิ wut, ภูมิ phum
_RARE_CODA: Final = frozenset("สศษชจรลฬญ")  # within a word more often the next syllable's beginning
_SILENT_R: Final = frozenset({"สร", "ศร"})
_LEFT_OPEN: Final = 0.3  # the consonant after a vowel begins the next syllable
_RARE_CODA_COST: Final = 0.9
_WRITTEN_CODAS: Final = {"ส": "s", "ศ": "s", "ษ": "s", "ช": "ch", "จ": "j", "ล": "l", "ฬ": "l", "ร": "r"}
_AFTER_I: Final = frozenset({"i", "ia", "e", "ae", "ai", "ue"})  # vowels that ย does not close
_BEFORE_O: Final = frozenset({"i", "ia", "e", "ae", "a"})  # vowels that ว closes
_LOOSE_CLUSTER: Final = 0.15
_LINKED: Final = 0.55  # a final consonant read once more with a: ณัฐภรณ์ nat-ta-phon
_CODA_TO_SPARE: Final = 0.35  # letters after the final one that are not read: พันธ พัฒน
_CODA_DROPPED: Final = 0.9  # the same for other letters, or within a word


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of a Thai word, the most usual first."""
    plain = word.replace("ํา", "ำ").replace("กฤ", "กริ").replace("ฤ", "ริ")
    plain = _NO_SOUND.sub("", _SILENCED.sub("", plain))
    return cheapest(len(plain), lambda at: _arcs(plain, at))


def _arcs(word: str, at: int) -> Iterator[Arc]:
    for pattern, vowel, cost in _VOWELS:
        found = pattern.match(word, at)
        if found:
            yield from _syllables(word, found, vowel, cost)
    if word[at] not in _ONSETS:
        yield Arc(at + 1, word[at] if word[at].isascii() else "", 4.0)


def _syllables(word: str, found: re.Match[str], vowel: str, cost: float) -> Iterator[Arc]:
    letters, final, end = found["o"], found.groupdict().get("f") or "", found.end()
    if vowel == "a" and "รร" in found[0] and not final:
        final = "น"
    elif vowel == "o" and cost == 0.5 and not final and found[0] == letters:
        return  # an unwritten o is always closed
    if len(letters) == 2 and found[0] != letters:
        cost -= _LOOSE_CLUSTER
    text = _onset(letters) + vowel
    if final and word[end - 1] == final and len(found[0]) > len(letters) + 1:
        yield Arc(end - 1, text, cost + _LEFT_OPEN)
    if not final:
        yield Arc(end, text, cost)
        yield from _silent_i(word, end, text, cost)
    elif _closes(final, vowel, unwritten=found[0] == letters + final):
        yield from _closed(word, end, text, final, cost)
    if letters in _SILENT_R:  # ศรี si, on passports sri
        yield Arc(end, text[0] + "r" + text[1:] + _CODAS.get(final, ""), cost + 0.15)


def _closed(word: str, end: int, text: str, final: str, cost: float) -> Iterator[Arc]:
    """A syllable with its final consonant, which may also begin the next one."""
    follows = word[end - 1] == final and end < len(word)
    if follows and final in _RARE_CODA:
        cost += _RARE_CODA_COST
    yield Arc(end, text + _CODAS[final], cost)
    if final in _WRITTEN_CODAS:
        yield Arc(end, text + _WRITTEN_CODAS[final], cost + (0.1 if final in "ลฬ" else 0.35))
    if follows and word[end] in _ONSETS:
        yield Arc(end, text + _CODAS[final] + _ONSETS[final] + "a", cost + _LINKED)
        yield from _skipping(word, end, final, text + _CODAS[final], cost)


def _closes(final: str, vowel: str, *, unwritten: bool) -> bool:
    if final == "ย":
        return vowel not in _AFTER_I
    if final == "ว":
        return vowel in _BEFORE_O and not unwritten
    return final in _CODAS


def _silent_i(word: str, end: int, text: str, cost: float) -> Iterator[Arc]:
    if last := _SILENT_I.match(word, end):
        yield Arc(last.end(), text + _CODAS[word[end]], cost + (0.1 if last.end() == len(word) else 0.5))


def _skipping(word: str, end: int, final: str, text: str, cost: float) -> Iterator[Arc]:
    """A second final letter is not read, or read with a: ณัฐฐ, พันธ, จักร."""
    last = re.compile(f"{_C}[ิุ]?(?=$|[เ-ไ]|{_C})").match(word, end)
    if not last or word[last.end() : last.end() + 1] in {"ะ", "า"}:
        return
    kinds = _CODAS.get(word[end]), _CODAS[final]
    alike = (kinds[0] == kinds[1] == "t") or (word[end] == "ร" and final in "กตทดช") or kinds == ("t", "n")
    spare = _CODA_TO_SPARE if last.end() == len(word) and alike else _CODA_DROPPED
    yield Arc(last.end(), text, cost + spare)
    yield Arc(last.end(), text + _ONSETS.get(word[end], "") + ("i" if "ิ" in last[0] else "a"), cost + 0.7)


def _onset(letters: str) -> str:
    if len(letters) == 1:
        return _ONSETS[letters]
    if (letters[0] == "ห" and letters[1] in "งญนมยรลว") or letters == "อย":
        return _ONSETS[letters[1]]
    if letters == "ทร" or letters in _SILENT_R:
        return "s"
    between = "" if letters[1] in "รลว" and letters[0] in "กขคตปพผบฟด" else "a"
    return _ONSETS[letters[0]] + between + _ONSETS[letters[1]]
