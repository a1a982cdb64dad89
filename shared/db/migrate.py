"""Bring a service's database to the newest schema: three lineages, one environment (docs/adr/0002)."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL

from shared.settings import ServiceName

_FOLDER: Final = Path(__file__).resolve().parents[2] / "migrations"


def lineage(service: ServiceName, url: URL) -> Config:
    """Alembic's configuration for one service's lineage against one database.

    Args:
        service: whose tables.
        url: as the service uses it; the synchronous driver of the same database is taken.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = url.set(drivername="sqlite")
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("version_locations", str(_FOLDER / service))
    config.set_main_option("path_separator", "os")
    config.attributes["service"] = service
    config.attributes["url"] = url
    return config


def upgrade(service: ServiceName, url: URL) -> None:
    """Apply every migration that the database lacks; safe to repeat."""
    command.upgrade(lineage(service, url), "head")
