"""What comparing with earlier registrations and with the document's portrait points at. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.contracts.registrations import RegistrationCandidate, Relation, Signal, SignalCode, Strength

STRONG_SCORE = 6.0
"""Score from which a biometric candidate is called strong: one stranger in a million reaches it."""


CONTRADICTED = (
    " Face and fingers contradict each other: two people who look alike, or prints or a photo of somebody else."
)
"""Added where a candidate's modalities disagree; such a candidate is never called strong."""


def other_identity(candidates: list[RegistrationCandidate]) -> Signal | None:
    """The same person, by biometrics, under other particulars."""
    found = [candidate for candidate in candidates if candidate.relation is Relation.OTHER_IDENTITY]
    if not found:
        return None
    best = max(candidate.score for candidate in found)
    contradicted = [candidate.registration for candidate in found if candidate.contradiction]
    strong = any(candidate.score >= STRONG_SCORE and not candidate.contradiction for candidate in found)
    return Signal(
        code=SignalCode.SAME_PERSON_OTHER_IDENTITY,
        strength=Strength.STRONG if strong else Strength.MEDIUM,
        evidence={
            "registrations": [candidate.registration for candidate in found],
            "differences": sorted({field for candidate in found for field in candidate.differences}),
            "score": best,
            **({"contradicted": contradicted} if contradicted else {}),
        },
        rule="ISO/IEC 19795-1: a candidate of an identification search, compared with its biographic record",
        says="Biometrics say that this person may be registered already, with other particulars."
        + (CONTRADICTED if contradicted else ""),
        does_not_prove="That it is the same person (a candidate is not a decision), nor which particulars are true.",
    )


def number_reused(differing: Mapping[str, list[str]], compared: bool) -> Signal:
    """One document number on registrations that biometrics do not hold for one person.

    Args:
        differing: the others with that number, at least one, and which particulars differ.
        compared: whether biometrics could tell the persons apart.
    """
    return Signal(
        code=SignalCode.DOCUMENT_NUMBER_REUSED,
        strength=Strength.STRONG if compared else Strength.WEAK,
        evidence={
            "registrations": list(differing),
            "differences": {registration: list(fields) for registration, fields in differing.items()},
            "biometrics_compared": compared,
        },
        rule="ICAO Doc 9303-3: a document number is unique within its issuer and type",
        says="The same document number stands on a registration of what looks like another person.",
        does_not_prove="Which of them the document belongs to, or that either knew.",
    )


def portrait_mismatch(comparison: dict[str, Any]) -> Signal:
    """The portrait on the document and the live photo do not look like one person.

    Args:
        comparison: the score and what it was held against, as the biometric service told.
    """
    return Signal(
        code=SignalCode.PORTRAIT_MISMATCH,
        strength=Strength.MEDIUM,
        evidence=comparison,
        rule="ISO/IEC 19795-1: verification (1:1) of the document's portrait with the live photo",
        says="The face on the document and the face at the desk do not match.",
        does_not_prove="A borrowed document: age, illness, a poor portrait or the engine's error do this too.",
    )
