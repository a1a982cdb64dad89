"""Is this person or company one that a member state knows? Pure rules, behind one function: match."""

from services.registry.screening.matching import THRESHOLD, Explanation, Match, Party, Query, match
from services.registry.screening.names import fold, index_keys
from services.registry.screening.scoring import NameScore, score_names

__all__ = [
    "THRESHOLD",
    "Explanation",
    "Match",
    "NameScore",
    "Party",
    "Query",
    "fold",
    "index_keys",
    "match",
    "score_names",
]
