"""Is this person or company one that a member state knows? Pure rules, behind one function: match."""

from services.registry.screening.matching import THRESHOLD, Explanation, Match, Party, Query, match
from services.registry.screening.names import fold, prepare, skeleton, spellings
from services.registry.screening.scoring import NameComparison, compare_names

__all__ = [
    "THRESHOLD",
    "Explanation",
    "Match",
    "NameComparison",
    "Party",
    "Query",
    "compare_names",
    "fold",
    "match",
    "prepare",
    "skeleton",
    "spellings",
]
