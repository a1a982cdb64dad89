"""Watches: what changes is told, once, in order; what fell away is told without words; webhooks are signed."""

import http.server
import json
import threading
from datetime import timedelta
from typing import ClassVar

import anyio
import jwt
import pytest
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, algorithms
from http_message_signatures.resolvers import MappingKeyResolver

from services.registry.app import create_app
from services.registry.screening.changes import changes_between
from services.registry.screening.webhooks import COVERED, TAG, WebhookFailedError, Webhooks
from shared.contracts.caller import Purpose
from shared.contracts.watches import Notice
from shared.http.named_hosts import HostNotNamedError, NamedHosts
from tests.registry.door import RegistryDoor, a_case, as_lists

pytestmark = pytest.mark.anyio

SCREENING = {"purpose": Purpose.EMPLOYER_SCREENING}
BORN = {"birthDate": "1971-01-09", "nationality": "LA"}


class Desk:
    """An office that watches."""

    def __init__(self, door: RegistryDoor, member="IDN"):
        self.door = door
        self.app = door.client._transport.app
        self.who = SCREENING | {"member": member}
        self.cursor = 0

    async def watch(self, **body):
        answer = await self.door.ask("POST", "/v1/watches", json=body, **self.who)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def query(self, name, **properties):
        query = {"schema": "Person", "properties": as_lists({"name": name, **properties})}
        return await self.watch(query=query)

    async def news(self, watch=None):
        """What is new since the last look: party and kind."""
        await self.app.state.watch_sweep.look_if_changed()
        path = "/v1/watches/notices"
        page = (await self.door.ask("GET", path, params={"cursor": self.cursor}, **self.who)).json()
        self.cursor = page["next"]
        return [(each["party"], each["kind"]) for each in page["results"] if watch in (None, each["watch"])]


@pytest.fixture
async def desk(door):
    made = Desk(door)
    await made.news()
    return made


async def test_a_watched_party(door, desk):
    await door.party("w-agency", "Company", name="Champa Sai Recruitment", country="LA")
    watch = await desk.watch(party="w-agency", label="our partner in Vientiane")
    assert (watch["party"], watch["query"], watch["hits"]) == ("w-agency", None, 1)
    assert await desk.news() == []

    licence = {"party": "w-agency", "number": "L-9", "authority": "Ministry", "national_code": "x"}
    await door.tell("/v1/licences/w-l", licence | {"status": "valid", "valid_from": "2024-01-01"})
    assert await desk.news() == [("w-agency", "licence_changed")]
    await door.tell("/v1/licences/w-l", licence | {"status": "suspended", "valid_from": "2024-06-01"})
    assert await desk.news() == [("w-agency", "licence_suspended")]
    await door.tell("/v1/cases/w-c", a_case("w-agency", "charged"))
    assert await desk.news() == [("w-agency", "status_changed")]
    await door.tell("/v1/cases/w-c", a_case("w-agency", "on_trial"))
    assert await desk.news() == []  # reads as charged, before and after
    await door.tell("/v1/cases/w-c", a_case("w-agency", "acquitted"))
    assert await desk.news() == [("w-agency", "case_fell_away")]
    await door.party("w-agency", "Company", name="Champa Sai Recruitment Sole Co.", country="LA")
    assert await desk.news() == [("w-agency", "party_changed")]
    assert await desk.news() == await desk.news() == []


async def test_a_notice_says_nothing_but_that_something_changed(door, desk):
    await door.party("w-quiet", name="Khamphanh Quietly", **BORN)
    await desk.watch(party="w-quiet")
    await door.tell("/v1/cases/w-quiet", a_case("w-quiet", "charged"))
    await desk.news()
    page = await door.ask("GET", "/v1/watches/notices", **SCREENING)
    assert set(page.json()["results"][-1]) == set(Notice.model_fields)
    assert "Khamphanh" not in page.text
    assert "CHARGED" not in page.text


async def test_a_watched_query(door, desk):
    await door.party("w-first", name="Bounmy Phommachanh", **BORN)
    watch = await desk.query("Bounmy Phommachanh", **BORN)
    assert watch["hits"] == 1
    await door.party("w-second", name="Bounmy Phommachan", **BORN)
    assert await desk.news(watch["id"]) == [("w-second", "new_hit")]
    await door.party("w-second", name="Somebody Else Entirely", birthDate="1999-01-01")
    assert await desk.news(watch["id"]) == [("w-second", "hit_gone")]
    await door.tell("/v1/cases/w-q", a_case("w-first", "convicted", final_on="2023-01-01", stage_on="2022-02-02"))
    assert await desk.news(watch["id"]) == [("w-first", "status_changed")]
    over = a_case("w-first", "convicted", appeal="overturned", appeal_on="2024-01-01", stage_on="2022-02-02")
    await door.tell("/v1/cases/w-q", over)
    assert await desk.news(watch["id"]) == [("w-first", "case_fell_away")]


async def test_nothing_is_told_twice_and_nothing_is_lost(door, desk):
    await door.party("w-twice", name="Twice Lookedat", **BORN)
    await desk.watch(party="w-twice")
    await door.tell("/v1/cases/w-twice", a_case("w-twice", "charged"))
    sweep = desk.app.state.watch_sweep
    async with anyio.create_task_group() as group:  # as two processes would
        group.start_soon(sweep.look_at_all)
        group.start_soon(sweep.look_at_all)
    assert await desk.news() == [("w-twice", "status_changed")]


async def test_old_notices_are_forgotten(door, desk, monkeypatch):
    await door.party("w-old", name="Old Newspaper", **BORN)
    await desk.watch(party="w-old")
    await door.tell("/v1/cases/w-old", a_case("w-old", "charged"))
    assert await desk.news() == [("w-old", "status_changed")]
    monkeypatch.setattr("services.registry.screening.sweeping.KEPT", timedelta(0))
    await desk.app.state.watch_sweep.look_at_all()
    assert (await door.ask("GET", "/v1/watches/notices", **SCREENING)).json()["results"] == []
    monkeypatch.undo()
    before = desk.cursor
    await door.tell("/v1/cases/w-old-2", a_case("w-old", "reported"))
    assert await desk.news() == [("w-old", "status_changed")]
    assert desk.cursor > before  # no number is given out twice: whoever goes on from one misses nothing


async def test_watches_are_listed_page_by_page_and_given_up(door, desk):
    other = Desk(door, member="MYS")
    await door.party("w-list", name="Listed Twice", **BORN)
    first = await other.watch(party="w-list")
    second = await other.query("Listed Twice")
    path = "/v1/watches"
    page = (await door.ask("GET", path, params={"limit": 1}, **other.who)).json()
    assert [each["id"] for each in page["results"]] == [first["id"]]
    page = (await door.ask("GET", path, params={"limit": 1, "cursor": page["next"]}, **other.who)).json()
    assert [(each["id"], each["query"]["properties"]) for each in page["results"]] == [
        (second["id"], {"name": ["Listed Twice"]})
    ]
    assert page["next"] is None
    mine = (await door.ask("GET", path, params={"limit": 200}, **desk.who)).json()
    assert first["id"] not in {each["id"] for each in mine["results"]}
    assert (await door.ask("DELETE", f"{path}/{first['id']}", **desk.who)).status_code == 404
    assert (await door.ask("DELETE", f"{path}/{first['id']}", **other.who)).status_code == 204
    assert (await door.ask("DELETE", f"{path}/{first['id']}", **other.who)).status_code == 404
    await door.tell("/v1/cases/w-list", a_case("w-list", "charged"))
    assert {watch for watch, _ in await other.news(first["id"])} == set()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"party": "nobody"}, 404),
        ({"party": "x", "query": {"schema": "Person", "properties": {"name": ["A"]}}}, 422),
        ({"query": {"schema": "Person", "properties": {"birthDate": ["1990"]}}}, 422),
        ({"party": "x", "webhook": "http://169.254.169.254/latest"}, 422),
        ({"party": "x", "webhook": "file:///etc/passwd"}, 422),
    ],
)
async def test_what_cannot_be_watched(door, body, status):
    answer = await door.ask("POST", "/v1/watches", json=body, **SCREENING)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/", "http://inside:81/x", "https://inside:80/", "http://u@inside/", "ftp://inside/",
        "http://inside.evil/", "//inside/", "http://inside/#x", "", "http://[::1]/", "http://" + "a" * 3000,
    ],
)  # fmt: skip
def test_only_named_hosts_are_gone_to(address):
    hosts = NamedHosts("inside, outside:8443", "webhook", "SETTING")
    assert hosts.check("http://inside/a?b=c").host == "inside"
    assert hosts.check("https://outside:8443/").port == 8443
    with pytest.raises(HostNotNamedError):
        hosts.check(address)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks, or refuses them."""

    status = 500
    taken: ClassVar[list] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.taken.append((f"http://{self.headers['Host']}{self.path}", headers, body))
        self.send_response(type(self).status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    Receiver.taken = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


class Received:
    """A request as the verifier reads it."""

    method = "POST"

    def __init__(self, url, headers, body):
        self.url, self.headers, self.body = url, headers, body


async def test_webhooks_are_signed_sent_again_until_taken_and_given_up_in_the_end(door, desk, receiver, monkeypatch):
    app = desk.app
    await app.state.screening_runner.stop()
    hosts = NamedHosts(f"127.0.0.1:{receiver}", "webhook", "SETTING")
    private = (app.state.settings.key_folder / "registry-signing.pem").read_bytes()
    webhooks = Webhooks(app.state.database, hosts, private)
    monkeypatch.setattr(app.state.watches, "_hosts", hosts)
    monkeypatch.setattr("services.registry.screening.webhooks.MOST_TRIES", 3)
    try:
        await door.party("w-hook", name="Hooked Webbed", **BORN)
        watch = await desk.watch(party="w-hook", webhook=f"http://127.0.0.1:{receiver}/notices?of=us")
        await door.tell("/v1/cases/w-hook", a_case("w-hook", "charged"))
        assert await desk.news() == [("w-hook", "status_changed")]

        async def notice():
            page = (
                await door.ask("GET", "/v1/watches/notices", params={"cursor": desk.cursor - 1}, **SCREENING)
            ).json()
            return page["results"][0]

        told = await notice()
        assert told["delivery"] == "waiting"
        for status in (500, 302):
            Receiver.status = status
            with pytest.raises(WebhookFailedError):
                await webhooks.send(told["id"])
        await webhooks.send(told["id"])  # the third and last try: no error, so that nobody tries again
        assert ((await notice())["delivery"], len(Receiver.taken)) == ("given_up", 3)
        await webhooks.send(told["id"])
        assert len(Receiver.taken) == 3

        again = await door.ask("POST", f"/v1/watches/{watch['id']}/redeliveries", **SCREENING)
        assert (again.status_code, again.json()) == (202, {"notices": 1})
        Receiver.status = 204
        await webhooks.send(told["id"])
        assert (await notice())["delivery"] == "delivered"
        (url, headers, body) = Receiver.taken[-1]
        assert (url, json.loads(body)) == (watch["webhook"], {n: v for n, v in told.items() if n != "delivery"})

        keys = (await door.get("/v1/watches/keys")).json()["keys"]
        public = {key["kid"]: jwt.PyJWK(key).key for key in keys}
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ECDSA_P256_SHA256,
            key_resolver=MappingKeyResolver(public_keys=public, private_keys={}),
        )
        rules = {"expect_tag": TAG, "require_components": COVERED, "max_age": timedelta(minutes=5)}
        (proven,) = verifier.verify(Received(url, headers, body), body=body, **rules)
        assert proven.nonce == told["id"]
        forged = body.replace(b"status_changed", b"case_fell_away")
        with pytest.raises(InvalidSignature):
            verifier.verify(Received(url, headers, forged), body=forged, **rules)
        with pytest.raises(InvalidSignature):
            verifier.verify(Received(url.replace("us", "them"), headers, body), body=body, **rules)
    finally:
        await webhooks.close()
        await app.state.screening_runner.start()


async def test_what_was_left_waiting_is_sent_after_a_restart(deployment, receiver):
    Receiver.status = 200
    settings = deployment.model_copy(update={"webhook_hosts": f"127.0.0.1:{receiver}"})
    from httpx import ASGITransport, AsyncClient

    from shared.http.tokens import CallerSigner

    signer = CallerSigner("gateway", (deployment.key_folder / "gateway-signing.pem").read_bytes())
    for run in (1, 2):
        app = create_app(settings)
        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=ASGITransport(app), base_url="http://registry") as client,
        ):
            door = RegistryDoor(client, signer)
            if run == 1:
                await app.state.screening_runner.stop()
                await door.party("w-restart", name="Restarted Soon", **BORN)
                await Desk(door).watch(party="w-restart", webhook=f"http://127.0.0.1:{receiver}/")
                await door.tell("/v1/cases/w-restart", a_case("w-restart", "charged"))
                await app.state.watch_sweep.look_at_all()
                assert Receiver.taken == []
            else:
                with anyio.fail_after(30):
                    while not Receiver.taken:  # noqa: ASYNC110  a socket of another thread
                        await anyio.sleep(0.01)
    assert json.loads(Receiver.taken[0][2])["party"] == "w-restart"


def test_changes_are_named_for_what_they_are():
    def standing(**told):
        return {"who": "x", "status": "NONE", "cases": {}, "licences": {}, "listings": {}} | told

    def kinds(before, after):
        return [kind for _, kind in changes_between({"p": before}, {"p": after})]

    assert kinds(standing(), standing()) == []
    listed, other = standing(listings={"l": ["listed", True]}), standing(listings={"l": ["suspended", False]})
    assert kinds(listed, other) == kinds(standing(), listed) == kinds(listed, standing()) == ["listing_changed"]
    suspended = standing(licences={"a": "preventive_suspension"})
    assert kinds(standing(licences={"a": "valid"}), suspended) == ["licence_suspended"]
    assert kinds(suspended, standing(licences={"a": "suspended"})) == ["licence_changed"]
    both = standing(cases={"a": "CHARGED", "b": "ALLEGED"})
    assert kinds(both, standing(cases={"b": "CHARGED"})) == ["case_fell_away", "status_changed"]
