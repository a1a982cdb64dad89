"""Alembic's environment: one lineage a service, its tables told apart by their prefix and its own version table."""

import importlib

from alembic import context
from sqlalchemy import MetaData, create_engine, pool, text

config = context.config
service = config.attributes["service"]
metadata: MetaData = importlib.import_module(f"services.{service}.schema").metadata


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or (name or "").startswith(f"{service}_")


def _migrate() -> None:
    engine = create_engine(config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET lock_timeout = '10s'"))
            connection.execute(text("SELECT pg_advisory_lock(hashtext('lindung-migrate'))"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=f"{service}_alembic_version",
            include_name=_is_ours,
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


_migrate()
