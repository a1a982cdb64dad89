"""Lao: an alphabet that writes all its vowels, spelt as on Lao passports and maps (French habits: x, ou, y).

Source: BGN/PCGN 1966 romanisation of Lao.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest, spelt

_ONSETS: Final = (
    spelt("ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮ", "k kh kh ng ch s x ny d t th th n b p ph f ph f m y r l v h - h")
    | {
        "ໜ": "n",
        "ໝ": "m",
        "ຼ": "l",
    }
    | spelt("ຆຉຌຎຏຐຑຒຓຘຠຨຩຬໞໟ", "kh ch x ny t th d th n th ph s s l k ny")
)  # of Pali and Khmu, as they are spoken
_CODAS: Final = spelt("ກງດຕບປນຣລມຍວຽ", "k ng t t p p n n n m i o i")
_C: Final = f"[{''.join(_ONSETS)}]"
_MARKS: Final = re.compile(r"[່-໋ໍ໌](?!າ)|໌|ໆ|ຯ")
_CLOSE: Final = "(?P<f>[ກງດຕບປນຣມຍວຽ])?(?![ະ-ູົຽຼາຳ])"
_ONSET: Final = f"(?P<o>ຫ[ງຍນມຣລຼວ]|[ກຂຄ]ວ|{_C}ຼ|[ປພ]ລ|{_C})"
_VOWELS: Final = tuple(
    (re.compile(pattern.replace("#", _ONSET).replace("+", _CLOSE)), vowel, cost)
    for pattern, vowel, cost in (
        ("ເ#ັຽ+", "ia", 0.0),
        ("ເ#ຍ(?![ະ-ູ])", "ia", 0.0),
        ("ເ#ຶອ+", "ua", 0.0),
        ("ເ#ືອ+", "ua", 0.0),
        ("ເ#[ິີ]+", "oe", 0.0),
        ("ເ#າະ", "o", 0.0),
        ("ເ#ົາ", "ao", 0.0),
        ("ເ#[ັະ]?+", "e", 0.0),
        ("ແ#[ັະ]?+", "e", 0.0),
        ("ໂ#ະ?+", "o", 0.0),
        ("[ໃໄ]#ຍ(?![ະ-ູົຽຳ])", "ay", 0.0),
        ("[ໃໄ]#", "ay", 0.0),
        ("#ັວະ?", "oua", 0.0),
        ("#ົວ", "oua", 0.0),
        ("#ັຍ", "ay", 0.0),
        ("#າຍ", "ay", 0.0),
        ("#ວ(?P<f>[ກງດຕບປນມຍ])(?![ະ-ູົຽ])", "oua", 0.2),
        ("#ັ+", "a", 0.0),
        ("#ົ+", "o", 0.0),
        ("#ຽ(?P<f>[ກງດບນມວ])?(?![ະ-ູົຽ])", "ie", 0.0),
        ("#(?:ຳ|ໍາ)", "am", 0.0),
        ("#າ+", "a", 0.0),
        ("#ະ", "a", 0.0),
        ("#ິ+", "i", 0.0),
        ("#ີ+", "y", 0.0),
        ("#[ຶື]+", "eu", 0.0),
        ("#ຸ+", "ou", 0.0),
        ("#ູ+", "ou", 0.0),
        ("#ໍ+", "o", 0.0),
        ("#ອ(?P<f>[ກງດຕບປນມຍ])?(?![ະ-ູົຽ])", "o", 0.2),
        ("#(?P<f>[ກງດຕບປນມ])(?![ະ-ູົຽ])", "o", 1.0),
        ("#(?![ະ-ູົຽຳ])", "a", 1.2),
    )
)  # fmt: skip
_PLAIN_Y: Final = 0.15  # ຍ is ny on maps, y in many passports


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of a Lao word, the most usual first."""
    plain = _MARKS.sub("", word.replace("ໍາ", "ຳ"))
    return cheapest(len(plain), lambda at: _arcs(plain, at))


def _arcs(word: str, at: int) -> Iterator[Arc]:
    for pattern, vowel, cost in _VOWELS:
        found = pattern.match(word, at)
        if found:
            final = found.groupdict().get("f") or ""
            rest = vowel + _CODAS.get(final, "")
            yield Arc(found.end(), _onset(found["o"]) + rest, cost)
            if found["o"] == "ຍ":
                yield Arc(found.end(), "y" + rest, cost + _PLAIN_Y)
    if word[at] not in _ONSETS:
        yield Arc(at + 1, word[at] if word[at].isascii() else "", 4.0)
    else:
        yield Arc(at + 1, _CODAS.get(word[at], _ONSETS[word[at]]), 3.0)


def _onset(letters: str) -> str:
    if len(letters) == 2 and letters[0] == "ຫ":
        return _ONSETS[letters[1]]
    return "".join(_ONSETS[letter] for letter in letters)
