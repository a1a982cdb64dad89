"""What the desks' enrolments took of the machine, drawn as a picture of its own."""

from collections.abc import Sequence
from typing import Any, Final

_WIDTH: Final = 720
_PANEL: Final = 150
_LEFT: Final = 64
_TOP: Final = 40
_GAP: Final = 46
_STYLE: Final = (
    "text{font:13px sans-serif;fill:#333}line{stroke:#ddd}polyline{fill:none;stroke-width:2}"
    "svg{background:#fff}@media (prefers-color-scheme:dark){svg{background:#1a1a1a}text{fill:#ddd}line{stroke:#444}}"
)
_PANELS: Final = (
    ("cores", "processor cores in use", "#2f6fb0"),
    ("resident_gb", "memory, GB", "#b0552f"),
    ("a_minute", "enrolments a minute, over the last ten seconds", "#3a8a4d"),
)
_WINDOW: Final = 10


def enrolment_chart(document: dict[str, Any]) -> str:
    """A stand-alone SVG of a run: processor, memory and enrolments over time.

    Args:
        document: what `enrolment.measure` gave.
    """
    samples = _with_rate(document["over_time"])
    height = _TOP + len(_PANELS) * (_PANEL + _GAP)
    title = (
        f"{document['desks']} desks, {document['people']:,} people in the gallery: "
        f"{document['enrolments_a_minute']:g} enrolments a minute"
    )
    parts = [f'<text x="{_LEFT}" y="20">{title}</text>']
    for number, (key, name, colour) in enumerate(_PANELS):
        parts += _panel(samples, key, name, colour, _TOP + number * (_PANEL + _GAP))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"><title>{title}</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _with_rate(samples: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    rated = []
    for place, sample in enumerate(samples):
        before = samples[max(place - _WINDOW, 0)]
        seconds = sample["at_s"] - before["at_s"]
        done = sample["enrolled"] - before["enrolled"]
        rated.append({**sample, "a_minute": 60 * done / seconds if seconds else 0.0})
    return rated


def _panel(samples: Sequence[dict[str, float]], key: str, name: str, colour: str, top: int) -> list[str]:
    most = max([each[key] for each in samples] or [0]) * 1.1 or 1.0
    last = max([each["at_s"] for each in samples] or [0]) or 1.0
    right, bottom = _WIDTH - 20, top + _PANEL
    points = " ".join(
        f"{_LEFT + (right - _LEFT) * each['at_s'] / last:.1f},{bottom - _PANEL * each[key] / most:.1f}"
        for each in samples
    )
    marks = [
        f'<line x1="{_LEFT}" x2="{right}" y1="{bottom - _PANEL * share:.1f}" y2="{bottom - _PANEL * share:.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{bottom - _PANEL * share + 4:.1f}" text-anchor="end">{most * share:.3g}</text>'
        for share in (0.0, 0.5, 1.0)
    ]
    return [
        f'<text x="{_LEFT}" y="{top - 6}">{name}</text>',
        *marks,
        f'<polyline stroke="{colour}" points="{points}"/>',
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end">{last:.0f} s</text>',
    ]
