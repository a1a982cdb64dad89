"""All tables of the gateway, for its migrations."""

from typing import Final

from services.gateway.access import alert_tables as alerts
from services.gateway.access import caps_tables as caps
from services.gateway.access.acts import tables as acts
from services.gateway.access.people import tables as people
from services.gateway.deliveries import tables as deliveries
from services.gateway.probes import tables as probes
from services.gateway.tables import Base

ROOMS: Final = (acts, alerts, caps, deliveries, people, probes)
"""The modules that declare tables besides `tables.py`: importing them is what fills the metadata."""

metadata = Base.metadata
