"""Burmese: syllables of an onset and a rime, spelt as people of Myanmar spell their names; Zawgyi as Unicode.

Source: BGN/PCGN 1970 agreement and MLC transcription for the sounds; for spelling, the habits of personal names (aung,
kyaw, myint, soe, oo), which are regular by rime.
"""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from itertools import chain
from typing import Final

from services.registry.screening.scripts.lattice import Arc, Reading, cheapest


def _table(kind: str) -> dict[str, tuple[str, ...]]:
    rows = csv.DictReader(files(__package__ or "").joinpath("burmese.csv").read_text(encoding="utf-8").splitlines())
    return {row["letters"]: tuple(row["spellings"].split("|")) for row in rows if row["kind"] == kind}


_ONSETS: Final = _table("onset")
_MEDIALS: Final = _table("medial")  # onsets with ya, ra or ha that are not spelt as the sum of their letters
_RIMES: Final = _table("rime")
_INDEPENDENT: Final = _table("independent")
_WHOLE: Final = _table("whole")  # syllables that names spell in their own way
_MARKS: Final = re.compile(r"[့း]")
_SYLLABLE: Final = re.compile(
    rf"(?P<onset>[က-အဿ](?P<medial>[ျြွှ]*)|[{''.join(_INDEPENDENT)}])"
    r"(?P<rime>[ါ-ဲံ]*(?:[က-အဥ]?့?်)?(?:[က-အ](?=္))?[့းံ]*)(?:္)?"
)


def readings(word: str) -> tuple[Reading, ...]:
    """Latin spellings of Burmese syllables, the most usual first."""
    return cheapest(len(word), lambda at: _arcs(word, at))


def segment(word: str) -> list[str]:
    """The syllables of a Burmese name, each the way most words of a name are spelt in Latin."""
    parts, at = [], 0
    while found := _SYLLABLE.match(word, at):
        parts.append(found[0])
        at = found.end()
    rest = word[at:]
    return [*parts, rest] if rest else parts


def _arcs(word: str, at: int) -> list[Arc]:
    if word[at + 1 : at + 2] == "်" and word[at] in _ONSETS:  # a final letter of loan words, spoken or not
        return [Arc(at + 2, _ONSETS[word[at]][0], 0.0), Arc(at + 2, "", 0.3)]
    found = _SYLLABLE.match(word, at)
    if not found or not found[0]:
        return [Arc(at + 1, word[at] if word[at].isascii() else "", 2.0)]
    return [Arc(found.end(), text, 0.4 * rank) for rank, text in enumerate(dict.fromkeys(_syllable(found)))]


def _syllable(found: re.Match[str]) -> list[str]:
    whole = found[0].rstrip("္")
    if whole in _WHOLE:
        return list(_WHOLE[whole])
    tone = "t" if "့" in found["rime"] else ""
    rime = _MARKS.sub("", found["rime"])
    if rime and "က" <= rime[-1] <= "အ":  # the first of two stacked letters ends its syllable
        rime += "်"
    if found["onset"] in _INDEPENDENT:
        end = _ONSETS.get(rime[-2:-1], ("",))[0].replace("m", "n") if rime.endswith("်") else ""
        return [vowel + end for vowel in _INDEPENDENT[found["onset"]]]
    onsets, rime = _onsets(found["onset"], rime)
    usual = _RIMES.get(rime) or _killed(rime)
    ends = [vowel + (tone if vowel[-1:] == "n" else "") for vowel in usual]
    return [onset + end for onset, end in chain(zip(onsets, ends[:1] * len(onsets)), ((onsets[0], e) for e in ends))]  # noqa: B905


def _killed(rime: str) -> tuple[str, ...]:
    """A rime of loan words: its vowel, and its final letter as if it began a syllable."""
    vowel = rime.rstrip("်")
    final = _ONSETS.get(vowel[-1:], ("",))[0] if rime.endswith("်") else ""
    return (_RIMES.get(vowel[:-1] if final else vowel, ("a",))[0] + final,)


def _onsets(onset: str, rime: str) -> tuple[list[str], str]:
    """Spellings of an onset; a medial w that makes a rime of its own (-un, -ut) goes to the rime."""
    base, medials = onset[0], onset[1:]
    if "ွ" in medials and "ွ" + rime in _RIMES:
        medials, rime = medials.replace("ွ", ""), "ွ" + rime
    glide = "w" if "ွ" in medials else ""
    breathy = "ှ" in medials
    key = base + "".join(sign for sign in medials if sign in "ျြ")
    spelt = _MEDIALS.get(base + medials) or _MEDIALS.get(key + ("ှ" if breathy else ""))
    if spelt:
        return [text + glide for text in spelt], rime
    spelt = _MEDIALS.get(key) or tuple(text + ("y" if len(key) > 1 else "") for text in _ONSETS[base])
    aspirated = [("h" if breathy else "") + text + glide for text in spelt]
    return aspirated, rime
