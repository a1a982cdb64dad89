"""docs/protocol.md: every example holds, and every message that members send has one."""

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.gateway.audit.heads import TreeHead, verify_head
from services.gateway.federation.directory import public_key
from services.gateway.federation.messages import MessageRefusedError, Question, Reply, verify_question, verify_reply
from services.gateway.probes.seals import Opener
from services.gateway.referrals.sender import seal_subject
from services.gateway.region import ROUTERS
from shared.contracts.audit import Consistency
from shared.contracts.corrections import CorrectionMessage, CorrectionReceipt
from shared.contracts.crossing import ReferralOffer, ReferralReceipt, ReferralTold, SealedReferral
from shared.contracts.federation import FederatedAnswer
from shared.contracts.problem import Problem
from shared.contracts.region import (
    ContentQuestion,
    ContentReply,
    DocumentQuestion,
    HeldRecords,
    HitAnswer,
    Probe,
    SealedProbe,
)
from shared.contracts.screening import MatchRequest
from shared.contracts.witness import HeadExchange
from shared.standards.merkle import verify_consistency
from tests.conftest import ROOT
from tests.vectors.member_keys import example_entry, example_key

TEXT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
NOW = dt.datetime(2026, 11, 22, 6, 0, 30, tzinfo=dt.UTC)
KEYS = {f"{code}/{key.kid}": public_key(key).key for code in ("IDN", "MYS") for key in example_entry(code).keys}
MODELS = {
    "match": (MatchRequest, FederatedAnswer),
    "identify": (SealedProbe, HitAnswer),
    "documents": (SealedProbe, HitAnswer),
    "content": (ContentQuestion, ContentReply),
    "corrections": (CorrectionMessage, CorrectionReceipt),
    "referrals": (SealedReferral, ReferralReceipt),
    "referral-states": (SealedReferral, ReferralReceipt),
    "head": (None, HeadExchange),
    "consistency": (None, Consistency),
}


@dataclass(frozen=True)
class Example:
    question: Question
    reply: Reply

    @property
    def name(self) -> str:
        return self.question.url.partition("/federation/v1/")[2].partition("?")[0]


def _read() -> list[Example]:
    blocks = re.findall(r"```http\n(.*?)\n```", TEXT, re.DOTALL)
    found = []
    for asked, answered in zip(blocks[::2], blocks[1::2], strict=True):
        first, headers, body = _parts(asked)
        method, url = first.split(" ")
        question = Question(method, url, headers, body)
        status, headers, body = _parts(answered)
        found.append(Example(question, Reply(int(status), headers, body, question)))
    return found


def _parts(block: str) -> tuple[str, dict[str, str], bytes]:
    head, _, body = block.partition("\n\n")
    first, *lines = head.split("\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first, headers, body.encode()


EXAMPLES = _read()
GOOD = {each.name: each for each in EXAMPLES if each.reply.status_code == 200}


def test_every_message_has_an_example() -> None:
    paths = {route.path for router in ROUTERS for route in router.routes}
    spoken = {path.removeprefix("/federation/v1/") for path in paths if path.startswith("/federation/v1/")}
    assert set(GOOD) == spoken == set(MODELS)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_question_and_answer_are_signed_and_belong_together(number: int) -> None:
    example = EXAMPLES[number]
    assert verify_question(example.question, KEYS, NOW).key_id == "IDN/1"
    assert verify_reply(example.reply, KEYS, NOW).key_id == "MYS/1"
    other = EXAMPLES[number - 1]
    with pytest.raises(MessageRefusedError):
        verify_reply(
            Reply(example.reply.status_code, example.reply.headers, example.reply.body, other.question), KEYS, NOW
        )


def test_the_keys_that_are_printed_are_those_that_verify() -> None:
    printed = json.loads(re.search(r"```json\n(.*?)\n```", TEXT, re.DOTALL)[1])["keys"]  # type: ignore[index]
    ours = {f"{code}/{key.kid}": (key.x, key.y) for code in ("IDN", "MYS") for key in example_entry(code).keys}
    assert {key["kid"]: (key["x"], key["y"]) for key in printed} == ours


@pytest.mark.parametrize("name", sorted(MODELS))
def test_bodies_are_of_their_models(name: str) -> None:
    asks, answers = MODELS[name]
    if asks is None:
        assert GOOD[name].question.body == b""
    else:
        asks.model_validate_json(GOOD[name].question.body)
    answers.model_validate_json(GOOD[name].reply.body)


def test_the_refusal_is_a_problem() -> None:
    (refusal,) = [each.reply for each in EXAMPLES if each.reply.status_code >= 400]
    assert Problem.model_validate_json(refusal.body).status == refusal.status_code


def _opened(tmp_path: Path, receiver: str, sender: str, subject: str, sealed: bytes) -> bytes:
    path = tmp_path / f"{receiver}.pem"
    path.write_bytes(example_key(f"{receiver}/sealing"))
    return Opener(receiver, path).open(sender, subject, sealed)


def test_seals_open_for_whom_they_are_meant(tmp_path: Path) -> None:
    probe = SealedProbe.model_validate_json(GOOD["identify"].question.body)
    Probe.model_validate_json(_opened(tmp_path, "MYS", "IDN", f"probe/{probe.id}", probe.sealed))
    asked = SealedProbe.model_validate_json(GOOD["documents"].question.body)
    DocumentQuestion.model_validate_json(_opened(tmp_path, "MYS", "IDN", f"document/{asked.id}", asked.sealed))
    question = ContentQuestion.model_validate_json(GOOD["content"].question.body)
    reply = ContentReply.model_validate_json(GOOD["content"].reply.body)
    assert reply.sealed is not None
    plain = _opened(tmp_path, "IDN", "MYS", f"content/{question.reference}", reply.sealed)
    assert HeldRecords.model_validate_json(plain).records
    for name, form in (("referrals", ReferralOffer), ("referral-states", ReferralTold)):
        sealed = SealedReferral.model_validate_json(GOOD[name].question.body)
        message = _opened(tmp_path, "MYS", "IDN", seal_subject(sealed.id, sealed.number), sealed.sealed)
        assert form.model_validate_json(message).number == sealed.number
        assert GOOD[name].question.url.endswith(f"?id={sealed.id}")


def test_heads_are_signed_and_joined_by_the_proof() -> None:
    told = HeadExchange.model_validate_json(GOOD["head"].reply.body)
    for head in (told.head, *told.witnessed):
        log_key = example_entry(head.member).log_key
        assert log_key is not None
        verify_head(TreeHead(head.size, head.at, head.root, head.key_id, head.signature), public_key(log_key))
    proof = Consistency.model_validate_json(GOOD["consistency"].reply.body)
    earlier = told.witnessed[0].root  # in the example both logs hold the same entries
    assert verify_consistency(proof.first, proof.second, earlier, told.head.root, list(proof.path))
