"""What a process holds in memory."""

import resource
from pathlib import Path
from typing import Final

_PAGE: Final = resource.getpagesize()


def resident() -> int:
    """Bytes of this process in memory; where the system does not tell, the most there ever were."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
