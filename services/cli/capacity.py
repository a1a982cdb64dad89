"""How much memory and disk people will take."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from services.biometrics.capacity.prediction import ENGINES, Gallery, Need, predict, sources
from services.cli.console import json_option, show_json


class _Count(click.ParamType[int]):
    """A whole number, also written as 10e6."""

    name = "count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        try:
            count = float(str(value).replace(",", "").replace("_", ""))
        except ValueError:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not (0 < count < 1e11 and count == int(count)):
            self.fail(f"{value!r} is not a whole number of people", param, ctx)
        return int(count)


@click.command(epilog="Example: lindung capacity --people 10e6 --fingers 2")
@click.option("--people", type=_Count(), default="1e6", show_default=True, help="Each with one face, in one gallery.")
@click.option("--fingers", type=click.IntRange(0, 10), default=2, show_default=True, help="Prints of each.")
@click.option("--dimension", type=click.IntRange(1, 4096), default=512, show_default=True, help="Of a face's vector.")
@click.option("--measure", is_flag=True, help="Weigh a small gallery here and print its coefficients; half a minute.")
@json_option
def capacity(people: int, fingers: int, dimension: int, measure: bool, as_json: bool) -> None:
    """Memory and disk that a number of people will take, for each way to search faces.

    Reckoned from coefficients that were measured; the commands that measured them are named.
    """
    if measure:
        from services.biometrics.capacity.measuring import coefficients

        show_json(coefficients())
        return
    gallery = Gallery(people, fingers, dimension)
    needs = [predict(gallery, engine) for engine in ENGINES]
    if as_json:
        show_json(_document(gallery, needs))
    else:
        _show(gallery, needs)


def _document(gallery: Gallery, needs: list[Need]) -> dict[str, Any]:
    engines = [
        {
            "engine": need.engine,
            "memory_bytes": sum(need.memory.values()),
            "server_memory_bytes": need.server_memory,
            "disk_bytes": sum(need.disk.values()),
            "memory_bytes_per_person": round((sum(need.memory.values()) + need.server_memory) / gallery.people),
            "disk_bytes_per_person": round(sum(need.disk.values()) / gallery.people),
            "memory": need.memory,
            "disk": need.disk,
        }
        for need in needs
    ]
    head = {"people": gallery.people, "fingers": gallery.fingers, "dimension": gallery.dimension}
    return {**head, "engines": engines, "measured_by": sources()}


def _show(gallery: Gallery, needs: list[Need]) -> None:
    title = f"{gallery.people:,} people, {gallery.fingers} prints each, faces of {gallery.dimension} dimensions"
    table = Table("", *(need.engine for need in needs), title=title)
    for name in needs[0].memory:
        table.add_row(f"memory: {name}", *(_size(need.memory[name]) for need in needs))
    table.add_row("memory: of Milvus", *(_size(need.server_memory) for need in needs))
    table.add_row("memory", *(_size(sum(need.memory.values()) + need.server_memory) for need in needs), style="bold")
    for name in needs[0].disk:
        table.add_row(f"disk: {name}", *(_size(need.disk[name]) for need in needs))
    table.add_row("disk", *(_size(sum(need.disk.values())) for need in needs), style="bold")
    Console().print(table)


def _size(octets: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.3g} {unit}"
        octets /= 1000
    return f"{octets:.3g} TB"
