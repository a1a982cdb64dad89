"""A season of registrations in the synthetic region, with every kind of case planted at the rarity it may have."""

from services.sandbox.season.kinds import AGAIN, LINKED, MARKED, PLANTS, Kind, Plant
from services.sandbox.season.records import Arrival, Season
from services.sandbox.season.season import make_season

__all__ = ["AGAIN", "LINKED", "MARKED", "PLANTS", "Arrival", "Kind", "Plant", "Season", "make_season"]
