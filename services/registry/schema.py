"""All the registry's tables, for the migrations."""

from typing import Final

from sqlalchemy import MetaData

from services.registry import history
from services.registry.cases import tables as cases
from services.registry.licences import tables as licences
from services.registry.parties import tables as parties
from services.registry.screening import tables as screening
from services.registry.tables import Base
from services.registry.workers import tables as workers

ROOMS: Final = (parties, cases, licences, screening, history, workers)
"""The modules that declare tables: importing them is what fills the metadata."""

metadata: Final[MetaData] = Base.metadata
