"""A year of recruitment in the synthetic region, with planted reasons to look at agencies and employers."""

from services.sandbox.recruitment.kinds import NEAR, PLANTED_SHARE, Near
from services.sandbox.recruitment.records import Complaint, Conversation, Visit, Year
from services.sandbox.recruitment.year import make_year

__all__ = ["NEAR", "PLANTED_SHARE", "Complaint", "Conversation", "Near", "Visit", "Year", "make_year"]
