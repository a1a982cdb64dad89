"""Burmese typed for the Zawgyi font: told from Unicode, and converted.

Zawgyi uses the code points of Myanmar in visual order and with other meanings. Source: the published code chart of
Zawgyi-One and Unicode chapter 16.3 (Myanmar); rules written for this register.
"""

from __future__ import annotations

import re
from typing import Final

_C: Final = "[က-အဥဿ]"
_SIGNS: Final = re.compile(
    "^[\u103a-\u103e]|[^\u1000-\u109f][\u103a-\u103e]"  # a medial before its consonant
    "|[\u1060-\u1097]"  # stacked and variant forms that Burmese Unicode text does not use
    "|^\u1031|[^\u1000-\u103f\u104e\u106a-\u109f]\u1031"  # e before its consonant: at a word's beginning
    "|\u1031[\u1000-\u1021]\u103a(?![\u1000-\u1021]?[\u1036\u1037\u1038]?$)(?=[\u102c\u103d])"
    "|\u1039(?![\u1000-\u1021])"  # virama that stacks nothing is Zawgyi's asat
    "|[\u102b-\u1030\u1032]\u1031|\u103b[\u1000-\u1021][\u102c\u103d\u103e]?\u1039"
    "|\u1031[\u103b\u107e-\u1084]?[\u1000-\u1021]\u102c\u1039"
    "|\u1031\u103b"
)
_SHAN: Final = re.compile("(?:^|[^\u1000-\u109f])[\u1075-\u107d\u1081]|\u1083(?:[\u1087-\u108a\u1038]|$)")
_SUBSCRIPTS: Final = dict(
    zip("\u1060\u1061\u1062\u1063\u1065\u1066\u1068\u1069\u106c\u106d\u1070\u1071\u1072\u1073\u1074\u1075\u1076\u1077"
        "\u1078\u1079\u107a\u107b\u107c\u1085\u1093\u1096",
        "ကခဂဃစဆဇဈဋဌဏတတထထဒဓနပဖဗဘမလဘတ", strict=True)
)  # fmt: skip
_REPLACED: Final = (
    ("\u106a", "ဉ"), ("\u106b", "ည"), ("\u1090", "ရ"), ("\u108f", "န"), ("\u1086", "ဿ"), ("\u104e", "၎"),
    ("\u1067", "\ue001ဆ"), ("\u106e", "ဍ\ue001ဍ"), ("\u106f", "ဍ\ue001ဎ"),
    ("\u1091", "ဏ\ue001ဍ"), ("\u1092", "ဋ\ue001ဌ"), ("\u1097", "ဋ\ue001ဋ"),
    ("\u1033", "\u102f"), ("\u1034", "\u1030"), ("\u1094", "\u1037"), ("\u1095", "\u1037"), ("\u105a", "\u102b\u1039"),
    ("\u1088", "\u103d\u102f"), ("\u1089", "\u103d\u1030"), ("\u108a", "\u103c\u103d"),
    ("\u108e", "\u102d\u1036"),
)  # fmt: skip
_MEDIALS: Final = str.maketrans(
    # asat, ya, ra, wa, ha move up by one; the variants of ra and ya become the plain sign
    {"\u1039": "\u103a", "\u103a": "\u103b", "\u107d": "\u103b", "\u103b": "\u103c", "\u103c": "\u103d",
     "\u103d": "\u103e",
     "\u1087": "\u103e", **dict.fromkeys("\u107e\u107f\u1080\u1081\u1082\u1083\u1084", "\u103c")}
)  # fmt: skip
_KINZI: Final = {"\u1064": "", "\u108b": "\u102d", "\u108c": "\u102e", "\u108d": "\u1036"}
_ORDER: Final = "\u103b\u103c\u103d\u103e\u1031\u102d\u102e\u1032\u102f\u1030\u102b\u102c\u1036\u1037\u103a\u1038"
_RANK: Final = {sign: rank for rank, sign in enumerate(_ORDER)}
_RA_FIRST: Final = re.compile(f"\u103c({_C})")
_E_FIRST: Final = re.compile(f"\u1031({_C}(?:\u1039{_C})?[\u103b-\u103e]*)")
_MARKS: Final = re.compile(f"[{_ORDER}]{{2,}}")


def is_zawgyi(text: str) -> bool:
    """Whether a text is Burmese typed for Zawgyi: it holds what Unicode Burmese never does."""
    return bool(_SIGNS.search(text)) and not _SHAN.search(text)


def to_unicode(text: str) -> str:
    """Zawgyi as Unicode."""
    for old, new in _REPLACED:
        text = text.replace(old, new)
    for sign, vowel in _KINZI.items():
        text = re.sub(f"({_C}){sign}", f"\ue000\\1{vowel}", text)
    text = re.sub("[" + "".join(_SUBSCRIPTS) + "]", lambda found: "\ue001" + _SUBSCRIPTS[found[0]], text)
    text = text.translate(_MEDIALS).replace("\ue000", "င\u103a\u1039").replace("\ue001", "\u1039")
    text = _RA_FIRST.sub("\\1\u103c", text)
    text = _E_FIRST.sub("\\1\u1031", text)
    text = _MARKS.sub(_ordered, text)
    return re.sub("ဥ(?=\u103a)", "ဉ", text).replace("စ\u103b", "ဈ")


def _ordered(found: re.Match[str]) -> str:
    """Signs in the order in which Unicode stores them."""
    signs = sorted(found[0], key=_RANK.__getitem__)
    return "".join(dict.fromkeys(signs))
