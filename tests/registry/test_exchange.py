"""Lists in and out through the HTTP door: what is taken, what is refused and why, what a list no longer names."""

import json
import tomllib
from pathlib import Path

import anyio
import pytest

from shared.contracts.caller import Purpose

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


async def put_list(door, source, text, *, member="IDN", **order):
    """Import a list in one part; the finished import and its rejections."""
    digest = f"{abs(hash((source, text, member, str(order)))):064x}"[:64]
    told = {"source": source, "format": "ftm", "digest": digest, "parts": 1} | order
    maintenance = {"purpose": Purpose.REGISTER_MAINTENANCE, "member": member}
    opened = await door.ask("POST", "/v1/imports", json=told, **maintenance)
    assert opened.status_code in (200, 201), opened.text
    path = f"/v1/imports/{opened.json()['id']}"
    sent = await door.ask("PUT", f"{path}/parts/0", json={"text": text}, **maintenance)
    assert sent.status_code == 200, sent.text
    with anyio.fail_after(60):
        while (record := (await door.ask("GET", path, **maintenance)).json())["state"] != "done":  # noqa: ASYNC110
            await anyio.sleep(0.02)
    refused = (await door.ask("GET", f"{path}/rejections", **maintenance)).json()["results"]
    return record, refused


async def put_example(door, name, **order):
    """Import one of the worked examples."""
    mapping = tomllib.loads((EXAMPLES / f"{name}.toml").read_text())
    header, _, rows = (EXAMPLES / f"{name}.csv").read_text().partition("\n")
    columns = header.split(mapping.get("delimiter", ","))
    return await put_list(door, name, rows, format="csv", mapping=mapping, header=columns, **order)


async def export(door, **params):
    answer = await door.ask("GET", "/v1/exports/parties", purpose=Purpose.REGISTER_MAINTENANCE, params=params)
    assert answer.status_code == 200, answer.text
    return {party["id"]: party for party in answer.json()["results"]}


def line(party, name, **properties):
    return json.dumps({"id": party, "schema": "Company", "properties": {"name": [name], **properties}}) + "\n"


def counts(record):
    return tuple(record[name] for name in ("created", "changed", "unchanged", "rejected", "delisted"))


async def test_a_dry_run_names_every_rejected_line_and_changes_nothing(door):
    record, refused = await put_example(door, "debarred-firms", dry_run=True)
    assert counts(record) == (3, 0, 0, 2, 0)
    assert [each["line"] for each in refused] == [5, 6]
    assert "COUNTRY_NAME: a word that the mapping does not know" in refused[0]["reason"]
    assert "DEBAR_FROM_DATE: no date of the form" in refused[1]["reason"]
    assert not await export(door, source="debarred-firms")


async def test_the_worked_examples_come_in_and_are_found(door):
    record, _ = await put_example(door, "debarred-firms")
    assert counts(record) == (3, 0, 0, 2, 0)
    (hit,) = [hit for hit in await door.screen("Company", name="Merbok Raya Construction") if "50012" in hit["id"]]
    assert hit["caption"] == "Merbok Raya Construction Sdn Bhd"
    exported = await export(door, source="debarred-firms")
    (listed,) = exported["debarred-firms-50012"]["lists"]
    assert (listed["listed_from"], listed["listed_to"]) == ("2024-03-12", "2027-03-11")
    assert exported["debarred-firms-50013"]["lists"][0]["listed_to"] is None

    record, refused = await put_example(door, "cadastro")
    assert (counts(record), [each["line"] for each in refused]) == ((2, 0, 0, 1, 0), [4])
    assert "name" in refused[0]["reason"]
    schemata = {party["caption"]: party["schema"] for party in (await export(door, source="cadastro")).values()}
    assert schemata == {"Agropecuária Vale do Ipê Ltda": "Company", "Joaquina Ferreira Tamarindo": "Person"}

    record, refused = await put_example(door, "agencies")
    assert (counts(record), [each["line"] for each in refused]) == ((3, 0, 0, 1, 0), [5])
    assert "same id" in refused[0]["reason"]
    agencies = (await export(door, source="agencies")).values()
    assert sorted(party["lists"][0]["national_code"] for party in agencies) == [
        "Cancelled",
        "Suspended",
        "Valid License",
    ]


async def test_followthemoney_lines_keep_what_the_register_keeps(door):
    record, refused = await put_list(door, "ftm", (EXAMPLES / "parties.jsonl").read_text())
    assert counts(record) == (2, 0, 0, 2, 0)
    assert [each["line"] for each in refused] == [3, 4]
    assert "spring" not in json.dumps(refused)  # a reason holds nothing of the line
    found = await export(door, source="ftm")
    assert found["NK-meranti-2"]["properties"]["alias"] == ["Yu Thu Aung"]
    assert "topics" not in found["NK-meranti-2"]["properties"]
    assert await door.screen(name="Yu Thu Aung", birthDate="1979-01")


async def test_the_same_list_again_changes_nothing_and_what_left_it_is_delisted_not_forgotten(door):
    first = line("x-1", "Semut Api Holdings") + line("x-2", "Kunang Malam Trading") + line("x-3", "Rusa Hutan Agency")
    assert counts((await put_list(door, "animals", first))[0]) == (3, 0, 0, 0, 0)
    assert counts((await put_list(door, "animals", first + "\n"))[0]) == (0, 0, 3, 0, 0)
    since = (await export(door, source="animals"))["x-1"]["last_change"]

    second = line("x-1", "Semut Api Holdings") + line("x-2", "Kunang Pagi Trading") + line("x-4", "Pelanduk Agency")
    assert counts((await put_list(door, "animals", second))[0]) == (1, 1, 1, 0, 1)
    changed = await export(door, source="animals", since=since)
    assert {party: told["op"] for party, told in changed.items()} == {"x-2": "MOD", "x-3": "DEL", "x-4": "ADD"}
    assert changed["x-3"]["lists"][0]["delisted_at"]
    assert changed["x-3"]["datasets"] == []
    assert await door.screen("Company", name="Kunang Pagi Trading")
    assert [each["source"] for each in (await hit_of(door, "x-2", "Kunang Pagi Trading"))["entries"]] == ["animals"]
    assert (await hit_of(door, "x-3", "Rusa Hutan Agency"))["entries"] == []
    assert (await door.get("/v1/parties/x-3")).status_code == 200

    assert counts((await put_list(door, "animals", first))[0]) == (0, 2, 1, 0, 1)  # x-3 is back, x-4 has left
    assert (await export(door, source="animals"))["x-3"]["lists"][0]["delisted_at"] is None


async def hit_of(door, party, name):
    """A company among those that are found under a name."""
    return next(hit for hit in await door.screen("Company", name=name) if hit["id"] == party)


async def test_what_a_list_says_of_a_party_is_shown_as_the_lists_and_proves_nothing(door):
    mapping = tomllib.loads((EXAMPLES / "debarred-firms.toml").read_text())
    columns = (EXAMPLES / "debarred-firms.csv").read_text().partition("\n")[0].split(mapping.get("delimiter", ","))
    rows = (EXAMPLES / "debarred-firms.csv").read_text().splitlines(keepends=True)[1:]
    order = {"format": "csv", "mapping": mapping, "header": columns}
    await put_list(door, "debarred-here", "".join(rows), **order)
    permanent = (await export(door, source="debarred-here"))["debarred-here-50013"]
    hit = await hit_of(door, permanent["id"], permanent["caption"])
    (entry,) = hit["entries"]
    assert (entry["member"], entry["listed_to"], entry["grounds"]) == ("IDN", None, permanent["lists"][0]["grounds"])
    assert (hit["proven"], hit["target"], hit["topics"]) == (False, False, [])

    await put_list(door, "debarred-here", rows[0], **order)
    assert (await hit_of(door, permanent["id"], permanent["caption"]))["entries"] == []


async def test_a_delta_delists_nobody(door):
    await put_list(door, "delta", line("d-1", "Ikan Emas Agency") + line("d-2", "Ikan Perak Agency"))
    assert counts((await put_list(door, "delta", line("d-1", "Ikan Emas Baru Agency"), delta=True))[0]) == (
        *(0, 1, 0),
        *(0, 0),
    )


async def test_another_members_party_is_not_overwritten(door):
    await put_list(door, "ours", line("own-1", "Kapas Putih Sdn Bhd"), member="MYS")
    record, refused = await put_list(door, "theirs", line("own-1", "Kapas Hitam Sdn Bhd"))
    assert (counts(record), refused[0]["line"]) == ((0, 0, 0, 1, 0), 1)
    assert (await door.get("/v1/parties/own-1")).json()["caption"] == "Kapas Putih Sdn Bhd"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": 1}', "no FollowTheMoney entity"),
        ("[" * 150_000, "nested"),
        ('{"id": "' + "x" * 300_000 + '"}', "longer than"),
        ('{"id": "b-1", "schema": "Company", "properties": {}}', "properties"),
        ('{"id": "b-1", "schema": "Company", "properties": {"name": ["\\u0000"]}}', "name"),
        ('{"id": "b-1", "schema": "Company", "properties": {"name": "plain"}}', "name"),
        ('{"id": "b-1", "schema": "Company", "properties": {"name": ["A"], "country": ["nowhere"]}}', "country"),
        ('{"op": "DEL", "entity": {"id": "b-1"}}', "deletion"),
    ],
)
async def test_a_bad_line_is_refused_with_its_reason(door, text, reason):
    record, (refused,) = await put_list(door, "bad", text)
    assert counts(record)[:4] == (0, 0, 0, 1)
    assert reason in refused["reason"]


async def test_orders_that_cannot_be_read_are_refused(door):
    good = {"source": "s", "format": "csv", "digest": "0" * 64, "parts": 1, "header": ["a"]}
    mapping = {"id": ["a"], "schema": {"constant": "Company"}, "properties": {"name": [{"columns": ["b"]}]}}
    for change in ({"mapping": None}, {"mapping": mapping}, {"parts": 0}, {"source": "../x"}, {"digest": "x"}):
        answer = await door.ask(
            "POST", "/v1/imports", purpose=Purpose.REGISTER_MAINTENANCE, json=good | {"mapping": mapping} | change
        )
        assert answer.status_code == 422, change


async def test_parts_come_in_their_order_and_only_from_the_member_that_began(door):
    maintenance = {"purpose": Purpose.REGISTER_MAINTENANCE}
    order = {"source": "turns", "format": "ftm", "digest": "a" * 64, "parts": 2}
    record = (await door.ask("POST", "/v1/imports", json=order, **maintenance)).json()
    path = f"/v1/imports/{record['id']}"
    late = await door.ask("PUT", f"{path}/parts/1", json={"text": line("t-2", "Later")}, **maintenance)
    assert late.status_code == 409
    stranger = await door.ask("GET", path, member="MYS", **maintenance)
    assert stranger.status_code == 404
    for _ in range(2):  # a part sent twice is taken once
        sent = await door.ask("PUT", f"{path}/parts/0", json={"text": line("t-1", "First")}, **maintenance)
        assert sent.json()["parts_received"] == 1
    again = (await door.ask("POST", "/v1/imports", json=order, **maintenance)).json()
    assert again["id"] == record["id"]  # the same file goes on where it was
