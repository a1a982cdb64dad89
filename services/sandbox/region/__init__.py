"""A synthetic region: eleven states' companies, cases, licences and workers, with known plants to find."""

from services.sandbox.region.records import (
    Case,
    Enrolment,
    Impression,
    Licence,
    Link,
    Party,
    Plant,
    Region,
    Screening,
    Shot,
)
from services.sandbox.region.region import expected, make_region

__all__ = [
    "Case",
    "Enrolment",
    "Impression",
    "Licence",
    "Link",
    "Party",
    "Plant",
    "Region",
    "Screening",
    "Shot",
    "expected",
    "make_region",
]
