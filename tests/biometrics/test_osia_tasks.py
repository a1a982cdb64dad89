"""OSIA's callbacks and tasks: what was taken is done, once, and its result arrives, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from services.biometrics.encounters.tables import PersonRow
from services.biometrics.identify.auditing import AUDIT
from services.biometrics.tables import JobRow
from services.biometrics.tasks import delivery
from services.biometrics.tasks.addresses import CallbackHosts
from services.biometrics.tasks.desk import EXECUTE, PURGE, SENIORITY
from services.biometrics.tasks.execution import RETENTION, TaskWork
from services.biometrics.tasks.tables import TaskRow
from shared.contracts.osia import Error, TaskId
from shared.db.database import now
from shared.http.observation import configure_logging
from shared.settings import Settings
from tests.biometrics.callback_listener import Listener, listening
from tests.biometrics.osia_client import Abis, encounter, finger, missing, new_id, running
from tests.biometrics.test_osia_contract import OPERATIONS, WITHOUT_CALLBACK, body_for, filled, params_for

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as started:
        yield started


@pytest.fixture(scope="module")
def settings(deployment: Settings, listener: Listener) -> Settings:
    return deployment.model_copy(update={"callback_hosts": f"named.example, {listener.host}"})


@pytest.fixture(scope="module")
async def abis(anyio_backend: object, settings: Settings) -> AsyncIterator[Abis]:
    async with running(settings) as service:
        yield service


async def give(abis: Abis, method: str, path: str, callback: str, **asked: Any) -> str:
    answer = await abis.ask(method, path, callback=callback, **asked)
    assert answer.status_code == 202, answer.text
    return TaskId.model_validate(answer.json()).taskId


async def state(abis: Abis, task: str, **who: str) -> str | int:
    answer = await abis.ask("GET", f"/v1/tasks/{task}/status", **who)
    return answer.json() if answer.status_code == 200 else answer.status_code


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask until it holds, as a client of the service must."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110  what is waited for is a row, perhaps written by another process
            await asyncio.sleep(0.02)


async def reaches(abis: Abis, task: str, wanted: str) -> None:
    async def there() -> bool:
        return await state(abis, task) == wanted

    await until(there)


async def rest(abis: Abis) -> None:
    """End the service's own work when all is delivered, so that nothing of it arrives later."""
    undone = (
        sa.select(sa.func.count())
        .select_from(JobRow)
        .where(JobRow.state == "READY", JobRow.kind.not_in((PURGE, AUDIT)))
    )

    async def done() -> bool:
        return await session_scalar(abis, undone) == 0

    await until(done)
    await abis.app.state.job_runner.stop()


async def session_scalar(abis: Abis, query: sa.Select[Any]) -> Any:
    async with abis.app.state.database.read() as session:
        return await session.scalar(query)


async def count(abis: Abis, table: type[Any]) -> int:
    return await session_scalar(abis, sa.select(sa.func.count()).select_from(table)) or 0


async def task_row(abis: Abis, task: str) -> TaskRow | None:
    async with abis.app.state.database.read() as session:
        return await session.get(TaskRow, task)


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - WITHOUT_CALLBACK))
async def test_every_operation_can_answer_later(abis: Abis, listener: Listener, name: str) -> None:
    method, path, _ = OPERATIONS[name]
    asked = {"json": body_for(name), **params_for(name)}
    at_once = await abis.ask(method, filled(path), **asked)
    task = await give(abis, method, filled(path), listener.url(), transactionId="T-7", **asked)
    sent = await listener.next()
    assert sent.path == "/here"
    assert sent.query == {"transactionId": ["T-7"], "taskId": [task]}
    if sent.media == "application/error+json":
        Error.model_validate(sent.body)
    else:
        assert sent.media == "application/json"
        assert at_once.status_code != 204 or sent.body == "OK"
    await reaches(abis, task, "COMPLETED")


async def test_a_result_is_the_one_that_would_have_been_answered(abis: Abis, listener: Listener) -> None:
    gallery = new_id()
    await give(abis, "POST", "/v1/persons", listener.url(), json=encounter(finger(41), galleries=(gallery,)))
    made = (await listener.next()).body
    assert made["others"]["quality"][0]["quality"] > 0
    path = f"/v1/persons/{made['personId']}/encounters"
    at_once = (await abis.ask("GET", path)).json()
    await give(abis, "GET", path, listener.url())
    assert (await listener.next()).body == at_once
    wanted = {"filter": {}, "biometricData": [finger(41, 1)]}
    await give(abis, "POST", f"/v1/identify/{gallery}", listener.url(), json=wanted, maxNbCand=1)
    assert [each["personId"] for each in (await listener.next()).body] == [made["personId"]]
    await give(abis, "DELETE", f"/v1/persons/{made['personId']}", listener.url())
    assert (await listener.next()).body == "OK"
    assert (await abis.ask("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/v1/persons/nobody/encounters", None, 6),
        ("POST", "/v1/persons/taken/encounters/taken", encounter(missing()), 7),
        ("POST", "/v1/persons", encounter({"biometricType": "FACE", "image": "AAAA"}), 3),
        ("POST", "/v1/identify/ALL", {"filter": {}, "biometricData": []}, 4),
    ],
)
async def test_what_cannot_be_done_is_told_as_an_error(
    abis: Abis, listener: Listener, method: str, path: str, body: Any, code: int
) -> None:
    await abis.ask("POST", "/v1/persons/taken/encounters/taken", json=encounter(missing()))
    await give(abis, method, path, listener.url(), json=body)
    sent = await listener.next()
    assert sent.media == "application/error+json"
    assert Error.model_validate(sent.body).code == code


async def test_what_is_not_a_request_is_refused_at_once(abis: Abis, listener: Listener) -> None:
    before = await count(abis, TaskRow)
    asked = {"callback": listener.url()}
    assert (await abis.ask("POST", "/v1/persons", json={}, **asked)).status_code == 400
    assert (await abis.ask("GET", "/v1/persons/p/encounters", scopes=frozenset(), **asked)).status_code == 403
    assert (await abis.ask("GET", "/v1/persons/p/encounters", token="", **asked)).status_code == 401
    assert await count(abis, TaskRow) == before


@pytest.mark.parametrize(
    "callback",
    [
        "http://127.0.0.1/here",
        "http://localhost:1/here",
        "http://example.com/",
        "http://named.example:8080/",
        "http://named.example.evil.example/",
        "http://named.example@evil.example/",
        "http://user@named.example/",
        "https://named.example/#part",
        "ftp://named.example/",
        "file:///etc/passwd",
        "//named.example/",
        "named.example",
        "http://",
        "",
        "http://named.example:99999/",
        "http://named.example/" + 2000 * "a",
    ],
)
async def test_results_go_only_where_the_operator_allows(abis: Abis, callback: str) -> None:
    answer = await abis.ask("GET", "/v1/galleries", callback=callback)
    assert answer.status_code == 400
    assert "callback" in Error.model_validate(answer.json()).message


def test_hosts_are_named_with_their_port() -> None:
    hosts = CallbackHosts("one.example, Two.example:8443,[::1]:9")
    for good in ("https://one.example/a?b=c", "http://ONE.example", "https://two.example:8443/", "http://[::1]:9/"):
        hosts.check(good)
    for bad in ("https://two.example/", "http://[::1]/", "http://three.example/"):
        with pytest.raises(Exception, match="this host is not named"):
            hosts.check(bad)


async def test_an_address_keeps_its_own_query(abis: Abis, listener: Listener) -> None:
    task = await give(abis, "GET", "/v1/galleries", listener.url("?key=a%20b&taskId=mine"))
    assert (await listener.next()).query == {"key": ["a b"], "transactionId": ["T1"], "taskId": [task]}


async def test_a_result_that_was_not_taken_is_sent_again(abis: Abis, listener: Listener) -> None:
    listener.statuses[:] = [500, 302]
    task = await give(abis, "GET", "/v1/galleries", listener.url())
    first = await listener.next()
    await reaches(abis, task, "RESPONSE_RETRY")
    assert await listener.next() == first
    assert await listener.next() == first  # a redirect is not followed
    await reaches(abis, task, "COMPLETED")


async def test_after_the_last_try_a_result_waits_to_be_asked_for(
    abis: Abis, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MAX_DELIVERIES", 1)
    listener.statuses[:] = [403]
    task = await give(abis, "GET", "/v1/galleries", listener.url())
    first = await listener.next()
    await reaches(abis, task, "RESPONSE_ERROR")
    assert (await abis.ask("POST", f"/v1/tasks/{task}/redeliver")).status_code == 204
    assert await listener.next() == first
    await reaches(abis, task, "COMPLETED")
    assert (await abis.ask("POST", f"/v1/tasks/{task}/redeliver")).status_code == 204
    assert await listener.next() == first  # it arrived, and was lost there


@pytest.mark.parametrize("other", [{"member": "MYS"}, {"organisation": "another"}])
async def test_another_owners_task_is_not_there(abis: Abis, listener: Listener, other: dict[str, str]) -> None:
    task = await give(abis, "GET", "/v1/galleries", listener.url())
    await listener.next()
    assert await state(abis, task, **other) == await state(abis, "none", **other) == 404
    assert (await abis.ask("POST", f"/v1/tasks/{task}/redeliver", **other)).status_code == 404


async def test_what_is_kept_of_a_task_is_sealed_and_forgotten(abis: Abis, listener: Listener) -> None:
    sent = encounter(missing() | {"comment": "SEEN-IN-CLEAR"})
    task = await give(abis, "POST", "/v1/persons", listener.url("/SEEN-IN-CLEAR"), json=sent)
    await listener.next()
    await reaches(abis, task, "COMPLETED")
    row = await task_row(abis, task)
    assert row is not None
    assert row.request is None
    assert b"SEEN" not in row.address + (row.result or b"")
    async with abis.app.state.database.read() as session:
        purge = await session.scalar(sa.select(JobRow).where(JobRow.kind == PURGE, JobRow.subject == task))
    assert purge is not None
    assert abs(purge.due_at - now() - RETENTION) < timedelta(minutes=5)
    async with abis.app.state.database.write() as session:
        (await session.get(JobRow, purge.id)).due_at = now()
    abis.app.state.job_runner.wake()

    async def gone() -> bool:
        return await task_row(abis, task) is None

    await until(gone)
    assert await state(abis, task) == 404
    assert (await abis.ask("POST", f"/v1/tasks/{task}/redeliver")).status_code == 404


async def test_the_urgent_goes_first_and_the_old_is_not_forgotten(abis: Abis, listener: Listener) -> None:
    await rest(abis)
    try:
        tasks = [
            await give(abis, "GET", "/v1/galleries", listener.url(), priority=priority) for priority in (0, 9, 4, None)
        ]
        query = sa.select(JobRow.subject, JobRow.due_at).where(JobRow.kind == EXECUTE, JobRow.subject.in_(tasks))
        async with abis.app.state.database.read() as session:
            order = [row.subject for row in (await session.execute(query.order_by(JobRow.due_at))).all()]
        assert order == [tasks[1], tasks[2], tasks[0], tasks[3]]
        assert timedelta(hours=2) > 9 * SENIORITY
        assert await state(abis, tasks[0]) == "PENDING"
        assert (await abis.ask("POST", f"/v1/tasks/{tasks[0]}/redeliver")).status_code == 204
        assert await state(abis, tasks[0]) == "PENDING"
    finally:
        await abis.app.state.job_runner.start()
    for _ in tasks:
        await listener.next()


async def test_a_task_outlives_the_service_that_took_it(settings: Settings, listener: Listener, abis: Abis) -> None:
    await rest(abis)  # the only one that works now is the one that is about to end
    try:
        async with running(settings) as first:
            await first.app.state.job_runner.stop()
            task = await give(first, "POST", "/v1/persons", listener.url(), json=encounter(missing()))
        assert listener.arrived.empty()
        async with running(settings) as second:
            sent = await listener.next()
            assert sent.query["taskId"] == [task]
            await reaches(second, task, "COMPLETED")
            assert (await second.ask("GET", f"/v1/persons/{sent.body['personId']}/encounters")).status_code == 200
    finally:
        await abis.app.state.job_runner.start()


async def test_a_change_that_was_made_before_a_crash_is_not_made_again(
    settings: Settings, listener: Listener, abis: Abis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rest(abis)
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    try:
        before = await count(abis, PersonRow)
        with monkeypatch.context() as crash:
            crash.setattr(TaskWork, "_keep", die)  # the change is committed, its result never kept
            async with running(settings) as first:
                made = await give(first, "POST", "/v1/persons", listener.url(), json=encounter(missing()))
                await asyncio.wait_for(died.wait(), 20)
        assert await count(abis, PersonRow) == before + 1
        async with running(settings) as second:
            sent = await listener.next()
            assert sent.query["taskId"] == [made]
            read = await second.ask("GET", f"/v1/persons/{sent.body['personId']}/encounters")
            assert [each["encounterId"] for each in read.json()] == [sent.body["encounterId"]]
            await reaches(second, made, "COMPLETED")  # else the service that begins next would send it again
        assert await count(abis, PersonRow) == before + 1
    finally:
        await abis.app.state.job_runner.start()


async def test_work_that_cannot_be_done_now_is_tried_again(
    abis: Abis, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, broken = abis.app.state.reader.galleries, [True, True]

    async def sometimes() -> list[str]:
        if broken:
            broken.pop()
            raise ConnectionError
        found: list[str] = await work()
        return found

    monkeypatch.setattr(abis.app.state.reader, "galleries", sometimes)
    configure_logging("error")  # as the service has it: the default draws every local of a failure, for seconds
    try:
        await give(abis, "GET", "/v1/galleries", listener.url())
        sent = await listener.next()
    finally:
        structlog.reset_defaults()
    assert sent.media == "application/json"
    assert broken == []


async def test_one_organisation_has_only_so_many_waiting(settings: Settings, listener: Listener) -> None:
    async with running(settings.model_copy(update={"waiting_tasks": 3})) as abis:
        await abis.app.state.job_runner.stop()  # nothing is done: all of them wait
        asked = {"callback": listener.url()}
        answers = [await abis.ask("GET", "/v1/galleries", organisation="busy", **asked) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert answers[-1].json()["type"].endswith("too-many-waiting")
        assert (await abis.ask("GET", "/v1/galleries", organisation="other", **asked)).status_code == 202
        assert (await abis.ask("GET", "/v1/galleries", organisation="busy")).status_code == 200
        await abis.app.state.job_runner.start()
        for _ in range(4):
            await listener.next()

        async def taken() -> bool:
            return (await abis.ask("GET", "/v1/galleries", organisation="busy", **asked)).status_code == 202

        await until(taken)
        await rest(abis)
        await listener.next()
