"""Batches: CSV in, durable work that survives its process, CSV out that no spreadsheet runs."""

import contextlib
import csv
import io

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.screening.batch_rows import BatchRefusedError, read_rows
from services.registry.screening.batches import Batches, BatchNotDoneError
from services.registry.screening.office_tables import BatchPartRow, BatchRow
from services.registry.tabular import write_csv
from shared.contracts.batches import MAX_BATCH_BYTES, MAX_ROWS
from shared.contracts.caller import Caller, Purpose
from shared.crypto.sealing import KeyRing

pytestmark = pytest.mark.anyio

SCREENING = {"purpose": Purpose.EMPLOYER_SCREENING}
BORN = {"birthDate": "1969-07-07", "nationality": "PH"}
CSV = {"Content-Type": "text/csv; charset=utf-8"}


class Sender:
    """Sends CSV with the right media type."""

    def __init__(self, door):
        self.door = door

    async def send(self, text, media="text/csv", **options):
        caller = Caller(client_id="desk", organisation="Labour office", member="IDN", **SCREENING)
        headers = {"Authorization": f"Bearer {self.door.signer.sign(caller, 'registry')}", "Content-Type": media}
        content = text if isinstance(text, bytes) else text.encode()
        path = "/v1/screening/batches"
        return await self.door.client.post(path, content=content, headers=headers, params=options)

    async def done(self, batch):
        with anyio.fail_after(60):
            while True:
                told = (await self.door.ask("GET", batch, **SCREENING)).json()
                if told["state"] == "done":
                    return told
                await anyio.sleep(0.02)

    async def rows(self, batch):
        rows, following = [], f"{batch}/result"
        while following:
            answer = await self.door.ask("GET", following, **SCREENING)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
            rows += csv.DictReader(io.StringIO(answer.text, newline=""))
            following = answer.links.get("next", {}).get("url")
        return rows


@pytest.fixture
def sender(door):
    return Sender(door)


async def test_a_list_is_screened_line_by_line(door, sender):
    await door.party("b-known", name="Crisanto Bagatsing", **BORN)
    await door.party("b-firm", "Company", name="=Bagatsing Manpower", country="PH")
    text = (
        "\ufeffreference,schema,name,birthDate,nationality,country,note\r\n"
        "a-1,Person,Crisanto Bagatsing,1969-07-07,PH,,x\r\n"
        'a-2,Person,"Bagatsing, Crisanto;Crisanto Bagatsing",,,,"two\r\nlines"\r\n'
        "\r\n"
        "=cmd(),Company,Bagatsing Manpower,,,,\r\n"
        "a-4,,Nobody Whatsoever Qwerty,,,,\r\n"
        "a-5,Person,Crisanto Bagatsing,,Philippines,,\r\n"
        "a-6,Vessel,Titanic,,,,\r\n"
    )
    opened = await sender.send(text)
    assert (opened.status_code, opened.json()["rows"]) == (202, 6)
    batch = opened.headers["location"]
    told = await sender.done(batch)
    assert (told["done"], told["matches"], told["possible"], told["rejected"]) == (6, 1, 2, 2)
    by_line = {row["reference"]: row for row in reversed(await sender.rows(batch))}
    assert (by_line["a-1"]["outcome"], by_line["a-1"]["party"], by_line["a-1"]["match"]) == ("match", "b-known", "true")
    assert (by_line["a-2"]["outcome"], by_line["a-2"]["line"]) == ("possible", "4")
    assert by_line["'=cmd()"]["caption"] == "'=Bagatsing Manpower"
    assert (by_line["a-4"]["outcome"], by_line["a-4"]["party"]) == ("none", "")
    assert by_line["a-5"]["outcome"] == "rejected"
    assert "nationality" in by_line["a-5"]["error"]
    assert "Philippines" not in by_line["a-5"]["error"]
    assert "schema" in by_line["a-6"]["error"]
    assert "the same birth date" in by_line["a-1"]["reasons"]


async def test_a_long_result_comes_page_by_page(sender):
    opened = await sender.send("reference,name\n" + "".join(f"{n},Qwertz {n} Nobody\n" for n in range(520)))
    await sender.done(opened.headers["location"])
    rows = await sender.rows(opened.headers["location"])
    assert list(dict.fromkeys(int(row["reference"]) for row in rows)) == list(range(520))


async def test_a_batch_is_its_offices_own(door, sender):
    batch = (await sender.send("name\nAnybody At All\n")).headers["location"]
    assert (await door.ask("GET", batch, member="MYS", **SCREENING)).status_code == 404
    assert (await door.ask("GET", f"{batch}/result", member="MYS", **SCREENING)).status_code == 404
    await sender.done(batch)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 422),
        ("name\n", 422),
        ("who\nx\n", 422),
        ("name,name\na,b\n", 422),
        (b"name\n\xff\n", 422),
        ('name\n"a', 422),
        ("name\n" + "x\n" * (MAX_ROWS + 1), 422),
        ("name\n" + "x" * MAX_BATCH_BYTES, 413),
    ],
)
async def test_lists_that_cannot_be_screened_are_refused_whole(sender, text, status):
    answer = await sender.send(text)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_only_csv_is_taken(sender):
    assert (await sender.send("name\nx\n", media="application/json")).status_code == 415


class DiesAfter:
    """A screener whose process is killed after some parts."""

    def __init__(self, screener, parts):
        self.screener = screener
        self.left = parts

    async def screen(self, *asked):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return await self.screener.screen(*asked)


async def test_killed_in_the_middle_it_goes_on_where_it_was_and_repeats_nothing(door, deployment):
    app = door.client._transport.app
    await app.state.screening_runner.stop()
    try:
        ring = KeyRing.load(deployment.key_folder / "registry-sealing.json")
        caller = Caller(client_id="desk", organisation="Night shift", member="IDN", **SCREENING)
        lines = read_rows(("name\n" + "".join(f"Someone Number {n}\n" for n in range(120))).encode())

        def batches(parts):
            return Batches(app.state.database, ring, DiesAfter(app.state.screener, parts), app.state.clearances)

        batch = await batches(0).open(caller, lines, 3)
        with pytest.raises(KeyboardInterrupt):
            await batches(2).screen(batch.id)
        assert (await batches(0).read(caller, batch.id)).done == 100
        with pytest.raises(BatchNotDoneError):
            await batches(0).result(caller, batch.id)
        await batches(1).screen(batch.id)  # one part is left; a second would die
        await batches(0).screen(batch.id)
        told = await batches(0).read(caller, batch.id)
        assert (told.done, told.state) == (120, "done")
        text, following = await batches(0).result(caller, batch.id)
        assert following is None
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert sorted({int(row["line"]) for row in rows}) == list(range(2, 122))

        async with app.state.database.read() as session:
            part = await session.get(BatchPartRow, (batch.id, 0))
            assert b"Someone" not in part.asked + part.found
        await batches(0).destroy(batch.id)
        async with app.state.database.read() as session:
            assert await session.get(BatchRow, batch.id) is None
            assert await session.get(BatchPartRow, (batch.id, 0)) is None
    finally:
        await app.state.screening_runner.start()


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: ("name,\n" + text).encode())))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(BatchRefusedError):
        assert read_rows(content)


@given(value=st.text(max_size=20))
def test_no_cell_of_a_result_is_a_formula(value):
    (_, row) = csv.reader(io.StringIO(write_csv(["a"], [{"a": value}]), newline=""), strict=True)
    assert not row or row[0][:1] not in set("=+-@\t\r") - {""}
