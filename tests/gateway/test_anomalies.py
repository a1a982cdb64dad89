"""Rules over the log: planted misuse is found, honest weeks raise few alarms, and a restart raises nothing twice."""

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from anyio import create_task_group, to_thread
from click.testing import CliRunner

from services.cli.connection import Identity, RefusedError, connect
from services.cli.program import main
from services.gateway.access.alert_tables import AlertRow, InterestRow, PersonDayRow, WatchedDayRow
from services.gateway.access.anomalies import LogWatch
from services.gateway.access.anomaly_rules import SOUGHT_HELP, Alarm, Day, Habit, Look, Near, Rule, Worked, load_numbers
from services.gateway.audit.entries import Access, Outcome, write_row
from services.gateway.audit.log import AuditLog
from services.gateway.tables import AuditRow
from shared.contracts.caller import Caller, Member, Purpose, Role
from shared.db.database import Database, now
from shared.settings import Settings
from tests.gateway.office_week import MONDAY, Officer, look, misuse, numbered, officers, weeks

pytestmark = pytest.mark.anyio

AUDITOR = Identity("auditor", Purpose.AUDIT)
NEAR = "an uncle's company"
KEY = {"Idempotency-Key": "a worker"}


def watch(looks: Iterable[Look], near: Near | None = None) -> list[Alarm]:
    """The rules over a log, day after day, with habits as they form."""
    found: list[Alarm] = []
    history: dict[str, dict[date, Worked]] = {}
    day: Day | None = None
    for each in looks:
        today = each.at.astimezone(UTC).date()
        if day is None or day.day != today:
            _remember(history, day)
            day = Day(today, _habits(history, today))
        found += day.see(each, near or {})
    return found


def _remember(history: dict[str, dict[date, Worked]], day: Day | None) -> None:
    for person, worked in (day.worked() if day else {}).items():
        history.setdefault(person, {})[day.day if day else date.min] = worked


def _habits(history: dict[str, dict[date, Worked]], today: date) -> dict[str, Habit]:
    habits = {}
    for person, days in history.items():
        recent = [worked for day, worked in days.items() if today - timedelta(days=28) <= day < today]
        late = sum(each.late >= load_numbers()["out_of_hours"]["requests"] for each in recent)
        habits[person] = Habit(tuple(each.busiest for each in recent), tuple(each.repeats for each in recent), late)
    return habits


def test_a_week_of_honest_work_raises_few_alarms_and_misuse_is_found() -> None:
    """60 officers, four weeks to form habits and a fifth that counts. Figures of more seeds: docs/policy.md."""
    figures = measure_weeks(range(1))
    assert figures["missed"] == {}
    assert sum(figures["false"].values()) <= 24


def measure_weeks(seeds: Iterable[int]) -> dict[str, dict[str, int]]:
    """False alarms of honest weeks, and planted misuse that nobody heard of."""
    false, missed, counted = Counter[str](), Counter[str](), Counter[str]()
    for seed in seeds:
        staff = officers(seed)
        bad = misuse(seed, staff, MONDAY + timedelta(days=30))
        looks = numbered([*weeks(seed, staff, 5), *(each for _, some in bad.values() for each in some)])
        uncle = {(f"person {bad[Rule.NEAR][0].name}", NEAR): MONDAY}
        alarms = [each for each in watch(looks, uncle) if each.look.at >= MONDAY + timedelta(days=28)]
        culprits = {(rule, officer.name) for rule, (officer, _) in bad.items()}
        missed.update(rule.value for rule, name in culprits - {(each.rule, each.look.person) for each in alarms})
        false.update(each.rule.value for each in alarms if (each.rule, each.look.person) not in culprits)
        counted["entries"] += sum(each.at >= MONDAY + timedelta(days=28) for each in looks)
        counted["officers"] += len(staff)
        counted["planted"] += len(bad)
    return {"counted": dict(counted), "missed": dict(missed), "false": dict(false)}


OFFICER = Officer("anna", "desk_officer", 1, 0)
NINE = MONDAY + timedelta(hours=9)


def seen(*looks: Look, habit: Habit | None = None, near: Near | None = None) -> list[Rule]:
    day = Day(looks[0].at.astimezone(UTC).date(), {"anna": habit} if habit else {})
    return [alarm.rule for each in looks for alarm in day.see(each, near or {})]


def many(count: int, start: datetime = NINE, minutes: float = 0.1, **given: str) -> list[Look]:
    each = [start + timedelta(minutes=minutes * number) for number in range(count)]
    return [look(OFFICER, at, given.get("subject") or f"s{number}") for number, at in enumerate(each)]


def test_a_file_that_stays_open_is_one_occasion() -> None:
    assert seen(*many(50, minutes=1, subject="x")) == []
    assert seen(*many(8, minutes=15, subject="x")) == [Rule.SAME_SUBJECT]
    assert seen(*many(7, minutes=15, subject="x")) == []
    assert seen(*many(6, minutes=15, subject="x"), habit=Habit((), (1, 2, 3, 2, 1))) == [Rule.SAME_SUBJECT]
    assert seen(*many(9, minutes=15, subject="x"), habit=Habit((), (5, 5, 5, 5, 5))) == []


def test_many_is_many_for_whom() -> None:
    assert seen(*many(89)) == []
    assert seen(*many(90)) == [Rule.MANY_SUBJECTS]
    assert seen(*many(40), habit=Habit((10, 11, 9, 12, 10))) == [Rule.MANY_SUBJECTS]
    assert seen(*many(90), habit=Habit((40, 41, 39, 42, 40))) == []
    assert seen(*many(29), habit=Habit((1, 1, 1, 1, 1))) == []


def test_hours_are_the_offices_own_and_habits_count() -> None:
    night = MONDAY + timedelta(hours=22)
    assert seen(*many(5, night)) == [Rule.OUT_OF_HOURS]
    assert seen(*many(4, night)) == []
    assert seen(*many(5, night), habit=Habit((), late_days=3)) == []
    assert seen(*many(5, MONDAY + timedelta(days=6, hours=10))) == [Rule.OUT_OF_HOURS]  # a Sunday


def test_refusals_in_a_row_and_not_in_a_life() -> None:
    refused = [look(OFFICER, NINE + timedelta(minutes=n), f"s{n}", "refused") for n in range(6)]
    assert seen(*refused) == [Rule.REFUSED_IN_A_ROW]
    assert seen(*refused[:5], look(OFFICER, NINE, "x"), *refused[:5]) == []


def test_who_is_too_near_is_told_by_digest_alone() -> None:
    shown = look(OFFICER, NINE, "d", "shown", "screen")
    for who in ("person anna", "organisation an office"):
        assert seen(shown, near={(who, "d"): NINE}) == [Rule.NEAR]
        assert seen(shown, near={(who, "d"): NINE + timedelta(minutes=1)}) == []  # told later
    assert seen(shown, near={("person anna", "other"): NINE, ("person budi", "d"): NINE}) == []
    listed = look(OFFICER, NINE, "d", "shown", "list")
    assert seen(listed, near={("person anna", "d"): NINE}) == []  # a list names everybody


def test_only_those_with_an_interest_are_asked_why_they_look_at_a_worker_who_sought_help() -> None:
    near = {(SOUGHT_HELP, "d"): NINE}
    helps = {"labour_inspector", "victim_support", "child_protection"}
    asked = {
        role
        for role in load_numbers()["human_roles"]
        if Rule.SOUGHT_HELP in seen(replace(look(OFFICER, NINE, "d"), role=role), near=near)
    }
    assert asked == {"desk_officer", "licensing_officer", "registrar"}
    assert not asked & helps


def test_systems_do_not_tire() -> None:
    system = Officer("system", "member_system", 1, 0)
    assert seen(*(look(system, NINE, f"s{number}") for number in range(500))) == []


@pytest.fixture
async def database(deployment: Settings) -> AsyncIterator[Database]:
    opened = Database(deployment.database_url("gateway"))
    yield opened
    await opened.close()


async def append(database: Database, looks: list[Look]) -> None:
    """Entries as they were written in the past; the tree over them is not of interest here."""
    async with database.write() as session:
        last = await session.scalar(sa.text("SELECT max(number) FROM gateway_audit_entries")) or 0
        for number, each in enumerate(looks, last + 1):
            caller = Caller(
                client_id="desk", user=each.person, organisation=each.organisation, member=each.member,
                role=Role(each.role), purpose=Purpose.WORKER_REGISTRATION,
            )  # fmt: skip
            access = Access(caller, "registration", each.action, Outcome(each.outcome), each.subject.encode())
            session.add(write_row(number, each.at, access, f"{each.subject:0>64}"[:64]))


async def test_the_watch_goes_on_where_it_was_and_raises_nothing_twice(database: Database) -> None:
    tuesday = NINE + timedelta(days=1)
    await append(database, [*many(8, minutes=15, subject="x"), *many(4, tuesday, 15, subject="x")])
    first = LogWatch(database)
    assert [each.rule for each in await first.look()] == [Rule.SAME_SUBJECT]
    assert await first.look() == []
    assert await LogWatch(database).look() == []  # another process, in the middle of Tuesday
    await append(database, many(4, tuesday + timedelta(hours=2), 15, subject="x"))
    restarted = LogWatch(database)  # knows the four of the morning
    assert [each.rule for each in await restarted.look()] == [Rule.SAME_SUBJECT]
    await append(database, many(2, tuesday + timedelta(days=1)))
    assert await restarted.look() == []
    async with database.read() as session:
        days = (await session.scalars(sa.select(PersonDayRow).order_by(PersonDayRow.day))).all()
        assert [(row.person, row.busiest, row.repeats) for row in days] == [("anna", 1, 8), ("anna", 1, 8)]
        assert len((await session.scalars(sa.select(AlertRow))).all()) == 2
    async with database.write() as session:
        await session.execute(sa.delete(AuditRow))  # they have no tree
        await session.execute(sa.delete(WatchedDayRow))


async def test_auditors_see_and_judge_what_is_not_about_them(deployment: Settings, database: Database) -> None:
    rows = [
        AlertRow(
            id=f"{number:032x}", at=now() - timedelta(minutes=number), rule="near", person=person, organisation="o",
            member="IDN", role="desk_officer", entry=number, number=1,
        )
        for number, person in enumerate(("desk", "auditor", "desk"), 1)
    ]  # fmt: skip
    async with database.write() as session:
        await session.execute(sa.delete(AlertRow))
        session.add_all(rows)
    async with connect(deployment) as api:
        page = (await api.ask(AUDITOR, "GET", "/v1/alerts?limit=1")).json()
        following = (await api.ask(AUDITOR, "GET", f"/v1/alerts?limit=1&cursor={page['next']}")).json()
        assert [each["id"] for each in page["results"] + following["results"]] == [rows[0].id, rows[2].id]
        assert following["next"] is None
        path = "/v1/alerts/{}/acknowledgement"
        body = {"reason": "Six letters of one court."}
        judged = (await api.ask(AUDITOR, "POST", path.format(rows[0].id), json=body)).json()
        assert (judged["acknowledged_by"], judged["reason"]) == ("auditor", body["reason"])
        for name, status in ((rows[0].id, 409), (rows[1].id, 403), ("f" * 32, 404)):
            with pytest.raises(RefusedError) as refused:
                await api.ask(AUDITOR, "POST", path.format(name), json=body)
            assert refused.value.status == status
        for cursor in ("x", "2026-01-01_x", "%00"):
            with pytest.raises(RefusedError) as refused:
                await api.ask(AUDITOR, "GET", f"/v1/alerts?cursor={cursor}")
            assert refused.value.status == 422
        with pytest.raises(RefusedError) as refused:
            await api.ask(Identity("desk", Purpose.AUDIT), "GET", "/v1/alerts")
        assert refused.value.status == 403
        waiting = (await api.ask(AUDITOR, "GET", "/v1/alerts?open=true")).json()["results"]
        assert [each["id"] for each in waiting] == [rows[2].id]


async def test_a_declared_interest_raises_an_alert_from_the_real_log(deployment: Settings, database: Database) -> None:
    environment = {
        "LINDUNG_VAR": str(deployment.var),
        "LINDUNG_GATEWAY_DATABASE_URL": deployment.gateway_database_url,
    }

    async def command(*words: str) -> tuple[int, str]:
        done = await to_thread.run_sync(lambda: CliRunner().invoke(main, words, env=environment))
        return done.exit_code, done.output

    code, said = await command("audit", "interest", "--person", "desk", "/v1/registrations/R1")
    assert code == 0, said
    async with database.read() as session:
        (row,) = (await session.scalars(sa.select(InterestRow))).all()
    assert "R1" not in row.subject_digest
    key = base64.b64decode((deployment.key_folder / "gateway-digest.key").read_text())
    log = AuditLog(database, key)
    member: Member = "IDN"
    desk = Caller(client_id="desk", organisation="o", member=member, role=Role.DESK_OFFICER,
                  purpose=Purpose.WORKER_REGISTRATION)  # fmt: skip
    await log.append(desk, "registration", "read", b"/v1/registrations/R2")
    await log.append(desk, "registration", "read", b"/v1/registrations/R1")
    await log.close()
    assert [each.rule for each in await LogWatch(database).look() if each.rule is Rule.NEAR] == [Rule.NEAR]
    code, said = await command("audit", "alerts", "--json")
    assert code == 1
    assert "near" in {each["rule"] for each in json.loads(said)["alerts"]}
    assert (await command("audit", "interest", "--person", "desk", "/v1/registrations/R1", "--withdraw"))[0] == 0


async def test_a_look_at_a_worker_after_they_spoke_with_an_inspector_raises_an_alert(deployment: Settings) -> None:
    body = {"name": "Siti Aminah", "born": "1996-04-02", "no_biometrics": "REFUSED"}
    desk, labour = (
        Identity("desk", Purpose.WORKER_REGISTRATION),
        Identity("labour", Purpose.LABOUR_INSPECTION),
    )
    async with connect(deployment) as api:
        worker = (await api.ask(desk, "POST", "/v1/registrations", json=body, headers=KEY)).json()["registration"]
        gateway = Database(deployment.database_url("gateway"))
        try:
            log = LogWatch(gateway)
            body = {"language": "id", "registration": worker}
            async with create_task_group() as group:  # several at once note the worker once
                for _ in range(6):
                    group.start_soon(partial(api.ask, labour, "POST", "/v1/assessments", json=body))
            await api.ask(labour, "GET", "/v1/assessments")
            assert Rule.SOUGHT_HELP not in {each.rule for each in await log.look()}
            await api.ask(desk, "GET", f"/v1/registrations/{worker}")
            assert Rule.SOUGHT_HELP in {each.rule for each in await log.look()}
        finally:
            await gateway.close()
