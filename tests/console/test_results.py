"""What a page makes of an answer: pure, so every corner can be looked at."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.console.asking import Told
from services.gateway.console.graph import draw
from services.gateway.console.languages import Language
from services.gateway.console.pages import render
from services.gateway.console.prints import draw_prints
from services.gateway.console.results import compared, looks_like_number, query_of, reference_of
from services.gateway.console.timeline import in_order, of_case, of_licence
from services.gateway.console.visit import local_path

QUERY = {"schema": "Person", "properties": {"name": ["Budi Hartono"], "birthDate": ["1971-05-09"]}}


def result(**given: Any) -> dict[str, Any]:
    return {"properties": {}, "reasons": []} | given


def test_what_agrees_stands_before_what_differs_and_what_was_not_compared() -> None:
    shown = compared(
        QUERY,
        result(
            properties={"name": ["Budi Hartonno"], "birthDate": ["1971-05-10"], "nationality": ["id"]},
            reasons=[
                {"field": "name", "score": 0.8, "text": "alike"},
                {"field": "birthDate", "score": -0.4, "text": "a day apart"},
            ],
        ),
    )
    assert [(row.field, row.verdict) for row in shown] == [
        ("name", "alike"), ("birthDate", "differs"), ("nationality", "unknown"),
    ]  # fmt: skip
    assert [(piece.text, piece.like) for piece in shown[0].record[0]] == [("Budi ", True), ("Hartonno", True)]


@given(st.text(max_size=60))
def test_any_text_can_be_asked(text: str) -> None:
    query = query_of({"q": text})
    assert (query is None) is (not text)
    if query:
        assert set(query["properties"]) == ({"idNumber"} if looks_like_number(text) else {"name"})


def test_numbers_and_names_are_told_apart() -> None:
    assert all(looks_like_number(text) for text in ("LIC-2024-001", "B 1234567", "3201-5567/88"))
    assert not any(looks_like_number(text) for text in ("Budi Hartono", "PT Sinar 88", "7-Eleven Malaysia", "ร่มเย็น 99"))


@given(st.one_of(st.none(), st.text(max_size=40)))
def test_nobody_is_led_elsewhere(text: str | None) -> None:
    path = local_path(text)
    assert path.startswith("/console")
    assert "\\" not in path


def test_a_reference_is_of_the_answer_whatever_the_order_of_its_fields() -> None:
    assert reference_of({"a": 1, "b": [2]}) == reference_of({"b": [2], "a": 1})
    assert reference_of({"a": 1}) != reference_of({"a": 2})


def test_what_the_policy_left_out_is_empty_and_breaks_nothing() -> None:
    case = Told({"id": "c", "opened_on": "2021-02-01", "offences": ["wage_theft"]})
    licence = Told({"periods": [Told({"status": "valid", "valid_from": "2024-01-01"})], "number": "L"})
    events = in_order([*of_case(case), *of_licence(licence)])
    assert [(event.what, event.on) for event in events] == [("licence", "2024-01-01"), ("case_opened", "2021-02-01")]
    assert str(case["nothing"]["in"]["it"]) == ""


def test_a_drawing_of_ties_holds_each_party_once_and_says_how_many_it_leaves_out() -> None:
    def link(one: str, other: str) -> dict[str, str]:
        return {"from": one, "to": other, "kind": "owner"}

    links = [link(f"p{n}", "me") for n in range(12)] + [link("p1", "me"), link("me", "child")]
    drawn = draw("me", links, {"me": {"caption": "A very long name of a company that is broken into two lines"}})
    assert drawn
    assert len(drawn.nodes) == 10
    assert drawn.left_out == 4
    assert all(0 <= node.x <= drawn.width - drawn.box[0] and 0 <= node.y <= drawn.height for node in drawn.nodes)
    assert draw("me", [], {}) is None


def test_the_page_of_members_tells_who_answers_and_who_forked() -> None:
    known = {"name": "A ministry", "active": True, "tried_at": None, "versions": [2], "directory": 4, "head_at": None}
    members = [
        known | {"member": "MYS", "reachable": True, "answered_at": "2026-11-22T09:00:00Z", "ms": 41.2}
        | {"clock_skew_s": -0.4, "head_size": 1200, "head_at": "2026-11-22T09:00:00Z", "forked": True},
        known | {"member": "THA", "reachable": False, "reason": "time-out", "ms": None, "forked": False},
    ]  # fmt: skip
    told = Told({"directory": 4, "current": False, "members": [Told(each) for each in members]})
    page = render("members.html", Language("en", "UTC"), visit=None, here="/", members=told, waiting=[], alerts=[])
    for words in ("Malaysia", "two histories", "1,200 entries", "it took too long", "-0.4", "expired"):
        assert words in page


def test_points_of_two_prints_are_paired_by_number() -> None:
    point = {"x": 10.0, "y": 20.0, "direction": 0.0}
    side = {"width": 100, "height": 150, "minutiae": [point, point | {"x": 50.0}]}
    drawn = draw_prints({"one": side, "other": side, "pairs": [{"one": 1, "other": 0, "strength": 0.8}]})
    (pair,) = drawn.pairs
    assert (pair.one.x, pair.other.x, drawn.offset, len(drawn.rest)) == (50.0, 150.0, 140, 2)
