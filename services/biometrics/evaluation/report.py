"""The report of a measurement: one HTML file that needs nothing else, not even a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from services.biometrics.evaluation.page_style import STYLE


@dataclass(frozen=True)
class Card:
    """A figure that stands at the top.

    Attributes:
        name: what it is, in words.
        value: with its unit.
        interval: of 95 %, or what else is to be known; may be empty.
    """

    name: str
    value: str
    interval: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; the first column names the rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A chart, as HTML, with what it shows."""

    title: str
    chart: str
    caption: str


@dataclass(frozen=True)
class Report:
    """All that the page says.

    Attributes:
        title: of the page.
        summary: one sentence.
        facts: name and value: engine, command, what was measured.
        cards: the main figures.
        pictures: charts.
        grids: tables.
        means: what the figures mean, a paragraph each.
        limits: what they do not say, a paragraph each.
    """

    title: str
    summary: str
    facts: Sequence[tuple[str, str]]
    cards: Sequence[Card]
    pictures: Sequence[Picture]
    grids: Sequence[Grid]
    means: Sequence[str]
    limits: Sequence[str]

    def html(self) -> str:
        """The file."""
        head = f"<h1>{escape(self.title)}</h1><p class='summary'>{escape(self.summary)}</p>"
        body = "".join(
            (
                f"<header><p class='brand'>Lindung · evaluation</p>{head}</header>",
                f"<section class='cards'>{_joined(map(_card, self.cards))}</section>",
                _joined(map(_picture, self.pictures)),
                _joined(map(_grid, self.grids)),
                _paragraphs("What it means", self.means),
                _paragraphs("What it does not say", self.limits),
                _facts([*self.facts, ("written", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")]),
            )
        )
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="light dark"><title>{escape(self.title)}</title>'
            f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
        )


def _card(card: Card) -> str:
    interval = f"<small>{escape(card.interval)}</small>" if card.interval else ""
    return f"<div class='card'><span>{escape(card.name)}</span><strong>{escape(card.value)}</strong>{interval}</div>"


def _picture(picture: Picture) -> str:
    return (
        f"<section><h2>{escape(picture.title)}</h2><figure>{picture.chart}"
        f"<figcaption>{escape(picture.caption)}</figcaption></figure></section>"
    )


def _grid(grid: Grid) -> str:
    head = _joined(f"<th scope='col'>{escape(column)}</th>" for column in grid.columns)
    rows = _joined(
        f"<tr><th scope='row'>{escape(name)}</th>{_joined(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, *cells in grid.rows
    )
    return (
        f"<section><h2>{escape(grid.title)}</h2><div class='scroll'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _paragraphs(title: str, paragraphs: Sequence[str]) -> str:
    items = _joined(f"<li>{escape(paragraph)}</li>" for paragraph in paragraphs)
    return f"<section><h2>{escape(title)}</h2><ul class='prose'>{items}</ul></section>"


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    items = _joined(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<section><h2>How it was measured</h2><dl>{items}</dl></section>"


def _joined(parts: Iterable[str]) -> str:
    return "".join(parts)
