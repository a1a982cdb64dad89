"""Vietnamese: letters without marks for comparison with passports, tones and vowel marks as weak evidence.

Source: Vietnamese alphabet (quốc ngữ); tones are combining marks, the horn, breve and circumflex make other vowels.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook, dot below
_OWN: Final = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")

OTHER_TONE: Final = 0.8
"""Alike: the same vowels with another tone; two names, though a hand-written tone is often misread."""
OTHER_VOWEL: Final = 0.7
"""Alike: another vowel too, Hùng and Hưng."""


def is_vietnamese(text: str) -> bool:
    """Whether some letter is of the Vietnamese alphabet and hardly any other."""
    return bool(_OWN.search(unicodedata.normalize("NFC", text)))


def without_tone(word: str) -> str:
    """A word without its tones, the marks of its vowels kept: hùng → hung, hưng stays."""
    return unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", word) if c not in _TONES))


def marks_alike(one: str, other: str) -> float:
    """How alike two words of the same plain letters are, both written with marks."""
    if one == other:
        return 1.0
    return OTHER_TONE if without_tone(one) == without_tone(other) else OTHER_VOWEL
