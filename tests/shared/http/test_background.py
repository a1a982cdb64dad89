"""Work beside the requests ends with what it runs beside, and its failure is not lost."""

import asyncio

import pytest

from shared.http.background import run_alongside

pytestmark = pytest.mark.anyio


async def test_work_goes_on_while_the_block_runs_and_no_longer() -> None:
    began, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with run_alongside(work()):
        await began.wait()
        assert not stopped.is_set()
    assert stopped.is_set()


async def test_what_ended_the_work_is_told_at_the_end() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        async with run_alongside(work()):
            await asyncio.sleep(0)
