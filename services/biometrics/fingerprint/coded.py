"""A large part of a gallery, searched by the codes of its minutiae's descriptors."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.fingerprint.cylinders import Cylinders
from services.biometrics.fingerprint.descriptors import SUBSPACES, Codes, learned
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.fingerprint.votes import Places, tally
from services.biometrics.index.runtime import faiss

VOTES_SHARE: Final = 0.01
"""Minutiae of the gallery that vote, all of the probe's together: each of the probe's has as many, the most like it."""
CODE_OCTETS: Final = 2 * (SUBSPACES // 2) + 8 + 1
"""A minutia's code, in order and in its list, its number there, and which list."""
_AT_ONCE: Final = 256
"""Prints whose bits are unpacked at once: 40 MB."""


class CodedPrints:
    """Prints that are packed, with the codes of their minutiae. Prints are struck out, none is added.

    Any number of threads may search while one strikes out.
    """

    def __init__(self, keys: list[str], prints: "list[FingerTemplate | None]", codes: Codes, places: Places) -> None:
        """See `of` and `merged`."""
        self.keys = keys
        self.prints = prints
        self.codes = codes
        self.places = places
        self._inverted = learned().inverted(codes)
        self._alive = np.array([each is not None for each in prints], dtype=np.bool_)

    @classmethod
    def of(cls, keys: list[str], prints: Sequence[FingerTemplate]) -> "CodedPrints":
        """Code some prints, a quarter of a millisecond each, and pack them."""
        faiss.omp_set_num_threads(1)
        parts, places = [], []
        for start in range(0, len(prints), _AT_ONCE):
            each = [print_.cylinders for print_ in prints[start : start + _AT_ONCE]]
            together = Cylinders.joined(each)
            parts.append(learned().encode(together))
            places.append(Places.of(together, np.array([len(some) for some in each], dtype=np.int32)))
        for print_ in prints:
            print_.pack()
        return cls(keys, list(prints), Codes.joined(parts), Places.joined(places))

    @classmethod
    def merged(cls, parts: "list[CodedPrints]") -> "CodedPrints":
        """The same prints in one piece: quicker to search. What was struck out stays so."""
        keys = [key for part in parts for key in part.keys]
        prints = [each for part in parts for each in part.prints]
        codes = Codes.joined([part.codes for part in parts])
        return cls(keys, prints, codes, Places.joined([part.places for part in parts]))

    def __len__(self) -> int:
        """Prints, with those struck out."""
        return len(self.keys)

    @property
    def struck(self) -> int:
        """Prints struck out."""
        return len(self.keys) - int(self._alive.sum())

    @property
    def octets(self) -> int:
        """Bytes held for codes, places and packed prints."""
        held = sum(each.octets for each in self.prints if each is not None)
        return held + CODE_OCTETS * len(self.places.x) + self.places.octets

    def strike(self, row: int) -> None:
        """Make later searches pass over a print."""
        self._alive[row] = False
        self.prints[row] = None

    def living(self) -> dict[str, FingerTemplate]:
        """The prints not struck out."""
        return {key: each for key, each in zip(self.keys, self.prints, strict=True) if each is not None}

    def best(
        self, probe: Cylinders, descriptors: NDArray[np.float32], limit: int
    ) -> list[tuple[float, str, FingerTemplate]]:
        """The prints for which most minutiae speak together.

        Args:
            probe: one print's.
            descriptors: of the probe.
            limit: how many at most.

        Returns:
            (strength, key, print), in any order; prints for which nothing speaks are not among them.
        """
        each_votes = max(1, round(VOTES_SHARE * len(self.places.x) / len(probe)))
        faiss.omp_set_num_threads(1)
        _, theirs = self._inverted.search(descriptors, each_votes)
        mine, column = np.nonzero(theirs >= 0)
        itself = Places.of(probe, np.array([len(probe)], dtype=np.int32))
        named, strength = tally(itself, self.places, mine, theirs[mine, column])
        strength[~self._alive[named]] = 0
        best = np.argsort(-strength, kind="stable")[:limit]
        found = ((float(strength[at]), self.keys[named[at]], self.prints[named[at]]) for at in best)
        return [(votes, key, each) for votes, key, each in found if votes and each is not None]
