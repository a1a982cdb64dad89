"""What to ask a worker, in which order, and what not to ask a child: nothing twice, harm last, left and resumed.

The order follows what is common to guides on interviewing victims (safety and consent first, needs before facts, harm
late and without detail); the wording is ours and, but for English, unconfirmed by interpreters.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shared.standards.indicators.catalogue import CatalogueError, catalogue, implied_by


class Stage(StrEnum):
    """Parts of a conversation, in this order."""

    SAFETY = "safety"
    RECRUITMENT = "recruitment"
    WORK = "work"
    MONEY = "money"
    LIVING = "living"
    FREEDOM = "freedom"
    HARM = "harm"
    CLOSING = "closing"


class WithChildren(StrEnum):
    """What a question is when the person is, or may be, a child."""

    ASK = "ask"
    ASK_ONLY = "ask_only"
    """Of children alone."""
    SKIP = "skip"
    SPECIALIST = "specialist"
    """Only by somebody trained to talk with children about harm."""


LANGUAGES: Final = ("en", "id", "th")


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        informs: indicators that the answer may tell of.
        sensitive: the person is asked first whether they want to talk of it.
        texts: by language, for adults.
        child_text: English, for children; None where the adults' is meant.
    """

    code: str
    stage: Stage
    informs: frozenset[str]
    with_children: WithChildren
    sensitive: bool
    texts: Mapping[str, str]
    child_text: str | None


@cache
def guide() -> tuple[Question, ...]:
    """All questions in the order of asking.

    Raises:
        CatalogueError: a row is malformed or names an indicator that is not there.
    """
    text = files("shared.standards.indicators").joinpath("interview.csv").read_text(encoding="utf-8")
    questions = [_question(row, line) for line, row in enumerate(csv.DictReader(text.splitlines()), start=2)]
    return tuple(sorted(questions, key=lambda question: list(Stage).index(question.stage)))


def questions_for(
    *, child: bool, specialist: bool, asked: Collection[str], told: Collection[str]
) -> Iterator[Question]:
    """What is still to be asked.

    Args:
        child: the person is, or may be, under 18.
        specialist: the interviewer is trained to talk with children about harm.
        asked: questions asked already, by whomever: they are not asked again.
        told: indicators known already, from whatever source: a question that would only tell these is left out.
    """
    known = implied_by(told)
    for question in guide():
        if question.code in asked or (question.informs and question.informs <= known):
            continue
        if _fits(question, child=child, specialist=specialist):
            yield question


def wording(question: Question, language: str, *, child: bool) -> tuple[str, str]:
    """The words to say, and the language that they are in: English where there are none in the language.

    A child hears a child's words where there are any, in English; a specialist finds their own.
    """
    if child and question.child_text:
        return question.child_text, "en"
    if text := question.texts.get(language):
        return text, language
    return question.texts["en"], "en"


def _fits(question: Question, *, child: bool, specialist: bool) -> bool:
    rule = question.with_children
    if not child:
        return rule is not WithChildren.ASK_ONLY
    return rule in (WithChildren.ASK, WithChildren.ASK_ONLY) or (rule is WithChildren.SPECIALIST and specialist)


def _question(row: dict[str, str], line: int) -> Question:
    try:
        return Question(
            code=row["code"],
            stage=Stage(row["stage"]),
            informs=frozenset(catalogue()[code].code for code in row["informs"].split()),
            with_children=WithChildren(row["child"]),
            sensitive={"yes": True, "no": False}[row["sensitive"]],
            texts=MappingProxyType({language: row[language] for language in LANGUAGES if row[language]}),
            child_text=row["child_en"] or None,
        )
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"interview.csv, line {line}: {error}") from error
