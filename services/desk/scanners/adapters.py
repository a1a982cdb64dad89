"""Which adapters there are: ours, and those that installed packages bring (entry points `lindung.scanners`)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final, cast

from services.desk.scanners.scanner import Options, Scanner, ScannerUnknownError

GROUP: Final = "lindung.scanners"

Open = Callable[[Options], Scanner]
"""What an entry point names: takes the options of `[scanners.NAME]`, gives a scanner."""

OURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sbi": "sbi:open_sbi",
        "secugen": "secugen:open_secugen",
        "rd-service": "rd_service:open_rd_service",
        "libfprint": "libfprint:open_libfprint",
        "folder": "folder:open_folder",
        "simulator": "simulator:open_simulator",
    }
)


def adapter_names() -> list[str]:
    """All that can be opened; a package cannot take the name of one of ours."""
    return sorted({*OURS, *_brought()})


def open_scanner(name: str, options: Options) -> Scanner:
    """The scanner of that name.

    Raises:
        ScannerUnknownError: there is no such adapter, it cannot be loaded, or its options are wrong.
    """
    try:
        return _find(name)(options)
    except (TypeError, ValueError) as error:
        raise ScannerUnknownError(f"{name}: its options do not fit ({type(error).__name__})") from error


def _find(name: str) -> Open:
    if name in OURS:
        module, _, function = OURS[name].partition(":")
        return cast("Open", getattr(import_module(f"services.desk.scanners.{module}"), function))
    brought = _brought().get(name)
    if brought is None:
        raise ScannerUnknownError(f"there is no scanner adapter {name!r}; known: {', '.join(adapter_names())}")
    try:
        return cast("Open", brought.load())
    except (ImportError, AttributeError) as error:
        raise ScannerUnknownError(f"{name}: the package that brings it cannot be loaded") from error


def _brought() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}
