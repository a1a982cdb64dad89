"""Names as comparable tokens, and the keys under which a database finds them again."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anyascii import anyascii

from services.registry.screening.titles import COMPANY_FORMS, HONORIFICS, NATIVE_AFFIXES, PARTICLES

MAX_NAME = 300  # characters; longer names are cut before anything else is done with them
MAX_TOKENS = 12  # tokens compared or indexed per name
MAX_KEYS = 400  # keys per name
LIGHT = 0.2  # weight of a title, particle or company form against 1 for a name proper

_PHRASES = {tuple(phrase.split()): form for phrase, form in (PARTICLES | COMPANY_FORMS).items()}
_LONGEST = max(len(phrase) for phrase in _PHRASES)
_FORMS = frozenset(_PHRASES.values())
_AFFIXES = tuple(sorted((unicodedata.normalize("NFKC", a) for a in NATIVE_AFFIXES), key=len, reverse=True))
_JOINING = frozenset("'`\u2019\u2018\u02bc\u00b4")  # left out without parting the word
_ABBREVIATION = re.compile(r"(?<=\b\w)\.(?=\w\b)")  # the dots of S.A. and o.o.o.
_SKELETON = str.maketrans("cqzjgvfx", "kksykbps", "aeiouhwy")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name.

    Attributes:
        native: as written: NFKC (so composed), case folded, marks kept.
        folded: romanised, a-z and 0-9; titles and forms in one spelling.
        weight: 1, or LIGHT for a word that says little.
    """

    native: str
    folded: str
    weight: float


def tokens(name: str) -> tuple[Token, ...]:
    """The words of a name in written order, at most MAX_TOKENS.

    A name of light words only gives them full weight: they are all it has.
    """
    words = [(word, _romanise(word)) for word in _words(name)]
    found = _leading_titles(list(_grouped([pair for pair in words if pair[1]]))[:MAX_TOKENS])
    if all(token.weight < 1 for token in found):
        return tuple(Token(token.native, token.folded, 1.0) for token in found)
    return tuple(found)


def fold(name: str) -> tuple[str, ...]:
    """A name as romanised tokens without case, punctuation or order.

    Returns:
        Sorted tokens of a-z and 0-9; titles, particles and company forms in one spelling each.
    """
    return tuple(sorted(token.folded for token in tokens(name)))


def script_of(name: str) -> str:
    """The script most of a name's letters belong to.

    Returns:
        The word with which Unicode names its letters (`LATIN`, `THAI`, `MYANMAR` …); empty without letters.
    """
    letters = (character for character in name if character.isalpha())
    counts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    return max(sorted(counts), key=lambda script: counts[script], default="")


def index_keys(name: str) -> frozenset[str]:
    """Keys for looking a name up: names that may be the same share at least one.

    Unordered pairs of token skeletons (consonant classes, first letter kept), with one-deletion variants for
    names of up to three words; whole words with theirs for names of one or two; and the whole name run together.
    So two names that differ by one typing error in a word of five letters or more share a key
    (unless they consist of titles and company forms only).

    Returns:
        At most MAX_KEYS strings. A name in the index is stored under all of its keys, a query asks for any of its
        own and ranks by how many are shared.
    Source: symmetric deletion on token pairs; chosen by measurement against trigram indexes.
    """
    words = [token.folded for token in tokens(name) if token.weight == 1]
    if not words:
        return frozenset()
    keys = itertools.chain(["w:" + skeleton("".join(words))], _word_keys(words), _pair_keys(words))
    return frozenset(itertools.islice(keys, MAX_KEYS))


def skeleton(word: str) -> str:
    """The consonants of a romanised word in classes that are often confused, its first letter kept.

    One edit of the word changes the skeleton by at most one edit: doubled letters stay double
    for that reason.
    """
    first = "a" if word[0] in "aeiou" else word[0].translate(_SKELETON) or word[0]
    return first + word[1:].translate(_SKELETON)


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKC", name[:MAX_NAME]).casefold()
    text = _ABBREVIATION.sub("", text)
    kept = (" " if _parts(character) else character for character in text if not _joins(character))
    # Casefold may decompose, so compose again: marks are compared, never dropped.
    joined = unicodedata.normalize("NFC", "".join(kept))
    return [part for word in joined.split() for part in _split_affixes(word)]


def _joins(character: str) -> bool:
    return character in _JOINING or unicodedata.category(character) == "Cf"


def _parts(character: str) -> bool:
    return unicodedata.category(character)[0] in "PSZC"


def _split_affixes(word: str) -> Iterator[str]:
    for affix in _AFFIXES:
        rest = word.removeprefix(affix) if word.startswith(affix) else word.removesuffix(affix)
        if rest != word and len(rest) >= 3:
            yield affix
            word = rest
    yield word


def _romanise(word: str) -> str:
    # Romanisation may add marks of its own (Burmese, Arabic): only letters and digits are kept.
    return "".join(c for c in anyascii(word).casefold() if c.isascii() and c.isalnum())


def _grouped(words: list[tuple[str, str]]) -> Iterator[Token]:
    """Tokens, with phrases such as `company limited` taken as one."""
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            native, romanised = zip(*words[start : start + length], strict=True)
            form = _PHRASES.get(romanised, "")
            if form or length == 1:
                yield _token(" ".join(native), form or romanised[0])
                start += length
                break


def _token(native: str, folded: str) -> Token:
    light = folded in _FORMS or native in _AFFIXES
    return Token(native, folded, LIGHT if light else 1.0)


def _leading_titles(found: list[Token]) -> list[Token]:
    titles = itertools.takewhile(lambda token: token.folded in HONORIFICS, found)
    light = [Token(token.native, token.folded, LIGHT) for token in titles]
    return light + found[len(light) :]


def _word_keys(words: list[str]) -> Iterator[str]:
    if len(words) > 2:
        return
    for word in words:
        yield from ("t:" + variant for variant in (_deletions(word) if len(word) > 3 else [word]))


def _pair_keys(words: list[str]) -> Iterator[str]:
    skeletons = [skeleton(word) for word in words]
    for one, other in itertools.combinations(skeletons, 2):
        yield _pair(one, other)
    if len(words) > 3:
        return
    for one, other in itertools.combinations(skeletons, 2):
        yield from (_pair(variant, other) for variant in _deletions(one))
        yield from (_pair(one, variant) for variant in _deletions(other))


def _pair(one: str, other: str) -> str:
    return "p:" + "|".join(sorted((one, other)))


def _deletions(word: str) -> Iterable[str]:
    cut = word[:16]
    return dict.fromkeys([cut, *(cut[:i] + cut[i + 1 :] for i in range(len(cut)))])
