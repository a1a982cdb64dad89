"""Rows of the index by their numbers: however many are asked for, one statement, one parameter, one plan."""

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

SQLITE: Final = "sqlite"


def among(session: AsyncSession, column: str, numbers: Sequence[int]) -> tuple[str, dict[str, object]]:
    """A condition that a column is one of some numbers.

    Returns:
        The condition's SQL and its parameter.
    """
    if session.get_bind().dialect.name == SQLITE:
        return column + " IN (SELECT value FROM json_each(:some))", {"some": json.dumps(numbers)}  # noqa: S608  fixed
    return f"{column} = ANY(:some)", {"some": list(numbers)}


async def read_rows(session: AsyncSession, source: str, columns: Sequence[str], numbers: Sequence[int]) -> list[Any]:
    """Rows with some numbers, straight from the driver: PostgreSQL's would send bytes as digits.

    Args:
        session: for reading.
        source: a table, or tables joined.
        columns: the first is the number's; like the source text of ours.
        numbers: wanted.

    Returns:
        The columns of each row that there is, in any order.
    """
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    statement = f"SELECT {', '.join(columns)} FROM {source} WHERE {columns[0]}"  # noqa: S608  fixed
    if session.get_bind().dialect.name == SQLITE:
        wanted = json.dumps(numbers)
        return list(await driver.execute_fetchall(f"{statement} IN (SELECT value FROM json_each(?))", (wanted,)))  # noqa: S608  fixed
    async with driver.cursor(binary=True) as cursor:
        await cursor.execute(f"{statement} = ANY(%s::integer[])", (list(numbers),))
        return list(await cursor.fetchall())
