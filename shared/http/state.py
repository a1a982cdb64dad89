"""What an application holds while it runs, for the routes that ask for it."""

from typing import Annotated, Any

from fastapi import Depends, Request

from shared.db.database import Database


def held(name: str) -> Any:
    """A dependency on what stands under a name in `app.state`."""

    async def read(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(read)


DatabaseDep = Annotated[Database, held("database")]
