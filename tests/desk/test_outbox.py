"""What is kept between the worker's receipt and the gateway's: whole, sealed, in order; and what is told about it."""

import resource
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.queue.clock import Clock
from services.desk.queue.doubles import DoubleWatch
from services.desk.queue.gateway import Gateway, GatewayAwayError, GatewayRefusedError
from services.desk.queue.keystore import KeyStore, NoPacketKeyError
from services.desk.queue.outbox import Outbox, OutboxFullError
from services.desk.queue.packing import new_reference
from services.desk.queue.sender import Sender
from shared.contracts.packets import PacketReceipt
from shared.contracts.registrations import RegistrationRequest, RegistrationState
from shared.crypto.keyfiles import new_signing_key
from shared.crypto.packets import PacketError, new_packet_key, read_head, read_packet_keys, seal_packet
from tests.desk.conftest import Held

pytestmark = pytest.mark.anyio


def receipt(packet: object, reference: str = "AAAA-BBBB-CCCC") -> PacketReceipt:
    state = RegistrationState.PROVISIONAL
    return PacketReceipt.model_validate(
        {"packet": packet, "registration": "r-1", "reference": reference, "state": state}
    )


# --- sealing


@given(st.binary(max_size=2000))
def test_only_the_gateway_opens_a_packet(contents: bytes) -> None:
    opener = read_packet_keys(new_packet_key())
    packet = uuid4()
    sealed = seal_packet(contents, packet, opener.current)
    assert opener.open(sealed) == (packet, contents)
    with pytest.raises(PacketError) as told:
        read_packet_keys(new_packet_key()).open(sealed)
    assert told.value.reason == "KEY_UNKNOWN"


def test_an_altered_packet_does_not_open(held: Held) -> None:
    sealed = seal_packet(b"contents" * 20, uuid4(), held.opener.current)
    places = [0, 4, 12, 13, 27, 28, 40, 60, 61, len(sealed) - 1]
    for place in places:
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(PacketError):
            held.opener.open(bytes(altered))
    for length in (0, 28, 29, 60, len(sealed) - 1):
        with pytest.raises(PacketError):
            held.opener.open(sealed[:length])


def test_a_former_key_still_opens_and_a_bomb_does_not_unpack(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal_packet(b"x" * 5000, uuid4(), held.opener.current)
    renewed = read_packet_keys(new_packet_key() + held.pem)
    assert renewed.current != held.opener.current
    assert renewed.open(sealed)[1] == b"x" * 5000
    monkeypatch.setattr("shared.crypto.packets.MAX_CONTENTS", 4999)
    with pytest.raises(PacketError) as told:
        renewed.open(sealed)
    assert told.value.reason == "CONTENTS_INVALID"
    for wrong in (b"", b"no key", new_signing_key()):
        with pytest.raises(ValueError, match="key"):
            read_packet_keys(wrong)


# --- outbox


def test_packets_stay_in_order_and_outlive_the_program(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    packets = [uuid4() for _ in range(3)]
    for number, packet in enumerate(packets):
        outbox.put(packet, bytes([number]) * 100)
    draft = tmp_path / "queue" / "000000000009-half.new"
    draft.write_bytes(b"half a packet")
    again = Outbox(tmp_path, 0)
    assert [waiting.packet for waiting in again.waiting()] == packets
    assert not draft.exists()
    again.sent(again.waiting()[0], receipt(packets[0]))
    again.refuse(again.waiting()[0], "OTHER/../DESK")
    assert again.put(uuid4(), b"x").number == 4
    assert [waiting.number for waiting in again.waiting()] == [3, 4]
    assert [(each.packet, each.reason) for each in again.refused()] == [(str(packets[1]), "OTHER-DESK")]
    assert {path.name for path in (tmp_path / "refused").iterdir()} == {f"000000000002-{packets[1]}.OTHER-DESK"}


def test_a_disk_that_fills_up_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    outbox.put(uuid4(), b"a" * 40_000)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))  # the write ends half-way, as on a full disk
    try:
        with pytest.raises(OutboxFullError):
            outbox.put(uuid4(), b"b" * 200_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.read_bytes() for path in sorted((tmp_path / "queue").iterdir())] == [b"a" * 40_000]
    assert outbox.put(uuid4(), b"c").number == 2


def test_it_refuses_before_the_disk_is_full(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, keep_free=10**18)
    assert outbox.room().fits == 0
    with pytest.raises(OutboxFullError):
        outbox.put(uuid4(), b"x")
    roomy = Outbox(tmp_path, 0)
    roomy.put(uuid4(), b"x" * 1000)
    room = roomy.room()
    assert (room.waiting, room.refused) == (1, 0)
    assert room.fits > 1000


def test_a_receipt_that_has_no_room_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(tmp_path, 0)
    waiting = outbox.put(uuid4(), b"x")
    add, calls = outbox.receipts.add, []

    def full_at_first(told: PacketReceipt) -> None:
        calls.append(waiting.path.exists())
        if len(calls) == 1:
            raise OSError(28, "no space")
        add(told)

    monkeypatch.setattr(outbox.receipts, "add", full_at_first)
    outbox.sent(waiting, receipt(waiting.packet))
    assert calls == [True, False]
    assert outbox.waiting() == []
    assert len(outbox.receipts.newest(9)) == 1


def test_half_a_line_of_receipts_is_read_over(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    packets = [uuid4(), uuid4()]
    outbox.receipts.add(receipt(packets[0], "AAAA-AAAA-AAAA"))
    with (tmp_path / "receipts.jsonl").open("ab") as file:
        file.write(b'\n{"packet":"cut')
    book = Outbox(tmp_path, 0).receipts
    book.add(receipt(packets[1]))
    book.add(receipt(packets[1]))  # a kill came between the line and the packet
    assert [line.packet for line in book.newest(9)] == [str(packets[1]), str(packets[0])]
    found = book.find("AAAA-AAAA-AAAA")
    assert found is not None
    assert found.registration == "r-1"


def test_references_are_distinct_and_easily_read() -> None:
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    assert not set("ILOU") & set("".join(references))


# --- clock


def test_the_clock_counts_on_from_the_gateway_and_tells_what_is_wrong() -> None:
    wall, steady = [1_800_000_000.0], [50.0]
    clock = Clock(lambda: wall[0], lambda: steady[0])
    assert (clock.trouble(), clock.reading().network_time) == (None, None)
    assert "before the last packet" in str(clock.trouble(newest=wall[0] + 900))
    clock.learn("nonsense")
    clock.learn(None)
    assert clock.reading().network_time is None
    clock.learn("Wed, 13 Jan 2027 20:00:00 GMT")
    wall[0], steady[0] = wall[0] - 86_400, steady[0] + 60
    reading = clock.reading()
    assert reading.network_time is not None
    assert reading.network_time.isoformat() == "2027-01-13T20:01:00+00:00"
    assert str(clock.trouble()) == "This PC's clock is 12 hours ahead of the gateway's."
    jumped = Clock(lambda: wall[0], lambda: steady[0])
    wall[0] += 7200
    assert "moved by 2 hours" in str(jumped.trouble())


# --- doubles


def a_worker(name: str, born: str = "1996-04-02", number: str | None = None) -> RegistrationRequest:
    document = {"number": number, "issuer": "IDN"} if number else None
    return RegistrationRequest.model_validate({"name": name, "born": born, "document": document})


def test_doubles_are_seen_by_name_and_birth_or_by_document() -> None:
    watch, packet = DoubleWatch(), uuid4()
    watch.remember(packet, a_worker("Nguyễn Thị Hồng", number="C 123-456"))
    same = [a_worker("HONG, NGUYEN THI"), a_worker("Somebody Else", "1980-01-01", "c123456")]
    assert [watch.earlier(each, {packet}) for each in same] == [packet, packet]
    assert [watch.earlier(each, set()) for each in same] == [None, None]
    for other in (a_worker("Nguyen Thi Hong", "1996-04-03"), a_worker("Nguyen Thi", number="C123457")):
        assert watch.earlier(other, {packet}) is None
    assert "hong" not in repr(vars(watch)).casefold()


# --- the way to the gateway

Handle = Callable[[httpx.Request], httpx.Response]


def gateway_that(answers: Handle, tmp_path: Path, clock: Clock) -> Gateway:
    key_file = tmp_path / "desk.pem"
    key_file.write_bytes(new_signing_key())
    return Gateway("http://gateway", "http://gateway", "desk", key_file, clock, httpx.MockTransport(answers))


def good(request: httpx.Request, held: Held) -> httpx.Response:
    if request.url.path == "/oauth/token":
        return httpx.Response(200, json={"access_token": "t"})
    if request.url.path == "/v1/desk/key":
        return httpx.Response(200, json=held.told.model_dump())
    packet = read_head(request.content).packet
    return httpx.Response(201, json=receipt(packet).model_dump(mode="json"))


async def test_what_is_refused_for_good_does_not_hold_up_the_others(tmp_path: Path, held: Held) -> None:
    answers: dict[int, httpx.Response | Exception] = {
        1: httpx.Response(422, json={"type": "urn:lindung:problem:packet-refused", "reason": "OTHER_DESK"}),
        3: httpx.Response(503, headers={"Retry-After": "7"}),
        4: httpx.ConnectError("away"),
        5: httpx.Response(200, json={"somebody": "else"}),
    }
    sent = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/desk/packets":
            return good(request, held)
        sent.append(read_head(request.content).packet)
        answer = answers.pop(len(sent), None)
        if isinstance(answer, Exception):
            raise answer
        return answer or good(request, held)

    outbox, keys = Outbox(tmp_path / "desk", 0), KeyStore(tmp_path / "desk" / "key.json")
    with pytest.raises(NoPacketKeyError):
        keys.current()
    packets = [uuid4() for _ in range(4)]
    for packet in packets:
        outbox.put(packet, seal_packet(b"{}", packet, held.opener.current))
    sender = Sender(outbox, gateway_that(handle, tmp_path, Clock()), keys)
    assert [await sender.drain() for _ in range(4)] == [7.0, 0.0, 0.0, 0.0]
    assert sent == [packets[0], packets[1], *[packets[2]] * 4, packets[3]]
    assert outbox.waiting() == []
    assert [(each.packet, each.reason) for each in outbox.refused()] == [(str(packets[0]), "OTHER-DESK")]
    assert sender.line.online
    assert KeyStore(tmp_path / "desk" / "key.json").ready


async def test_a_wrong_clock_locks_no_desk_out(tmp_path: Path, held: Held) -> None:
    now = time.time()
    dated = []

    def handle(request: httpx.Request) -> httpx.Response:
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
        if request.url.path != "/oauth/token":
            return good(request, held)
        claims = jwt.decode(dict(httpx.QueryParams(request.content.decode()))["client_assertion"],
                            options={"verify_signature": False})  # fmt: skip
        dated.append(claims["iat"])
        status = 200 if abs(claims["iat"] - now) < 10 else 401
        return httpx.Response(status, json={"access_token": "t"}, headers={"Date": date})

    gateway = gateway_that(handle, tmp_path, Clock(lambda: now - 3 * 86_400))
    assert (await gateway.packet_key()).kid == held.told.kid
    assert [round(now - at) // 86_400 for at in dated] == [3, 0]
    assert (await gateway.send(packet := uuid4(), seal_packet(b"", packet, held.opener.current))).packet == packet


async def test_a_network_that_asks_to_sign_in_is_not_the_gateway(tmp_path: Path, held: Held) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<h1>Welcome to the hotel</h1>")

    gateway = gateway_that(handle, tmp_path, Clock())
    sender = Sender(Outbox(tmp_path / "desk", 0), gateway, KeyStore(tmp_path / "desk" / "key.json"))
    await sender.drain()
    assert (sender.line.online, "something else answers" in str(sender.line.trouble)) == (False, True)
    assert await gateway.quality({}) is None


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 504])
async def test_answers_that_are_about_the_moment_keep_the_packet(tmp_path: Path, held: Held, status: int) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status) if request.url.path == "/v1/desk/packets" else good(request, held)

    gateway = gateway_that(handle, tmp_path, Clock())
    with pytest.raises(GatewayAwayError):
        await gateway.send(uuid4(), b"x")


@pytest.mark.parametrize(("status", "reason"), [(413, "413"), (422, "invalid")])
async def test_answers_that_are_about_the_packet_do_not(tmp_path: Path, held: Held, status: int, reason: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        body = {"type": "urn:lindung:problem:invalid"} if status == 422 else None
        told = httpx.Response(status, json=body)
        return told if request.url.path == "/v1/desk/packets" else good(request, held)

    with pytest.raises(GatewayRefusedError) as refused:
        await gateway_that(handle, tmp_path, Clock()).send(uuid4(), b"x")
    assert refused.value.reason == reason


def test_a_key_file_that_cannot_be_believed_is_asked_for_again(tmp_path: Path, held: Held) -> None:
    path = tmp_path / "key.json"
    for damaged in (b"", b"{", b'{"kid":"0","x25519":"AAAA"}'):
        path.write_bytes(damaged)
        assert not KeyStore(path).ready
    keys = KeyStore(path)
    keys.take(held.told)
    keys.take(Held(new_packet_key()).told)
    assert KeyStore(path).current() == keys.current()
    assert keys.current() != held.opener.current
    assert path.stat().st_mode & 0o077 == 0
