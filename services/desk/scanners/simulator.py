"""No scanner: prints out of a folder, for trying the desk out. Every packet says so."""

from pathlib import Path

from services.desk.scanners.images import print_file
from services.desk.scanners.scanner import Capture, Device, Options, ScannerAwayError, ScannerUnknownError
from shared.contracts.registrations import FingerPosition

_DEVICE = Device("simulator", "Lindung", "simulator")


class Simulator:
    """Gives the file named after the finger (`right-index.png`); where there are several
    (`right-index.2.png`), one after the other at each try.
    """

    def __init__(self, prints: Path) -> None:
        self._prints = prints
        self._tries: dict[FingerPosition, int] = {}

    async def discover(self) -> list[Device]:
        """Always one."""
        return [_DEVICE]

    async def info(self, device: str) -> Device:  # noqa: ARG002  there is one
        """The simulator."""
        return _DEVICE

    async def capture(self, finger: FingerPosition, timeout_s: float) -> Capture:  # noqa: ARG002  it is instant
        """The next file of that finger."""
        files = sorted(self._prints.glob(f"{finger.value}.*"))
        if not files:
            raise ScannerAwayError(f"the simulator has no print of the {finger.value}")
        number = self._tries.get(finger, 0)
        self._tries[finger] = number + 1
        image, media_type = print_file(files[number % len(files)].read_bytes(), None)
        return Capture(image, media_type, _DEVICE)


def open_simulator(options: Options) -> Simulator:
    """The adapter for `[scanners.simulator]`: `prints`.

    Raises:
        ScannerUnknownError: no prints.
    """
    if "prints" not in options:
        raise ScannerUnknownError("simulator: `prints` must name a folder of prints")
    return Simulator(Path(options["prints"]))
