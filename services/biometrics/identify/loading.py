"""What searches see, brought into memory when the service starts."""

import asyncio
import gc
from typing import Final

from services.biometrics.encounters.reading import EncounterReader
from services.biometrics.identify.galleries import Galleries

_MANY: Final = 100_000


async def load(galleries: Galleries, reader: EncounterReader) -> None:
    """Let searches find everybody of the table; who was kept and is not in it is taken out.

    Millions of objects that stay are not looked through for garbage while they are made, and no more afterwards: a look
    would take longer than making them, and stop every search for seconds.

    Args:
        galleries: empty.
        reader: of the table.

    Raises:
        SealingError: a template was altered.
    """
    gc.disable()
    try:
        async for encounters in reader.searched(galleries.has_kept):
            await asyncio.to_thread(galleries.add_all, encounters)
        await asyncio.to_thread(galleries.complete)
    finally:
        gc.enable()
    if len(galleries) >= _MANY:
        gc.freeze()
