"""All the registry's tables, for the migrations."""

from typing import Final

from sqlalchemy import MetaData

from services.registry import history, imported
from services.registry.adjudication import tables as adjudication
from services.registry.cases import tables as cases
from services.registry.corrections import tables as corrections
from services.registry.documents import tables as documents
from services.registry.indicators import tables as indicators
from services.registry.inspections import tables as visits
from services.registry.licences import tables as licences
from services.registry.listings import tables as listings
from services.registry.parties import tables as parties
from services.registry.public import tables as public
from services.registry.redflags import tables as redflags
from services.registry.redress import fund_tables as fund
from services.registry.redress import tables as redress
from services.registry.referrals import tables as referrals
from services.registry.retention import tables as retention
from services.registry.screening import office_tables as offices
from services.registry.screening import tables as screening
from services.registry.support import tables as support
from services.registry.tables import Base
from services.registry.workers import tables as workers

ROOMS: Final = (
    parties,
    cases,
    licences,
    listings,
    screening,
    offices,
    history,
    workers,
    imported,
    adjudication,
    documents,
    corrections,
    indicators,
    public,
    referrals,
    redflags,
    visits,
    support,
    redress,
    fund,
    retention,
)
"""The modules that declare tables: importing them is what fills the metadata."""

metadata: Final[MetaData] = Base.metadata
