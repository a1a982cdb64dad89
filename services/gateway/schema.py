"""All tables of the gateway, for its migrations."""

from services.gateway.tables import Base

metadata = Base.metadata
