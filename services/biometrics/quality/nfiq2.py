"""NFIQ 2 of a print, where NIST's code is installed (the package nbis-py); nowhere a condition for anything.

It is asked for by `POST /v1/quality` only: it takes a third of a second, and what is kept of a person has our own
quality, so that figures of a deployment with it and one without can be compared.
"""

import io
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import structlog
from PIL import Image

from services.biometrics.fingerprint.minutiae import DPI
from services.biometrics.images import open_print

FORMAT: Final = "NFIQ2"
"""OSIA's name of the scale: 0 to 100, more is better (ISO/IEC 29794-4)."""

_MODULE: Final = "nbis"

log = structlog.get_logger(__name__)


def is_installed() -> bool:
    """Whether NFIQ 2 can be computed here."""
    return find_spec(_MODULE) is not None


class Nfiq2:
    """Grades prints; each thread has an extractor of its own."""

    def __init__(self) -> None:
        """Load the library; see `is_installed`."""
        self._nbis: Any = import_module(_MODULE)
        self._of_thread = threading.local()

    def grade(self, data: bytes, dpi: int | None) -> int | None:
        """NFIQ 2 of one print; None where the code gives up, as it does for some (2 of FVC2002's and 2004's 640).

        Args:
            data: an image that was taken before.
            dpi: what the scanner says.

        Raises:
            ImageRefusedError: it cannot be used.
        """
        image = open_print(data, dpi=dpi)
        picture = Image.fromarray(image.pixels)
        if image.dpi != DPI:
            size = [round(side * DPI / image.dpi) for side in picture.size]
            picture = picture.resize((size[0], size[1]), Image.Resampling.BICUBIC)
        png = io.BytesIO()
        picture.save(png, "PNG", dpi=(DPI, DPI))
        try:
            score = int(self._extractor().extract_minutiae(png.getvalue()).quality().score)
        except Exception as error:  # noqa: BLE001  whatever foreign code meets, our own quality is there
            log.info("nfiq2_gave_up", error=type(error).__name__)
            return None
        return score if 0 <= score <= 100 else None

    def _extractor(self) -> Any:
        found = getattr(self._of_thread, "extractor", None)
        if found is None:
            settings = self._nbis.NbisExtractorSettings(
                min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=True, ppi=float(DPI)
            )
            found = self._of_thread.extractor = self._nbis.new_nbis_extractor(settings)
        return found


def load_nfiq2() -> Nfiq2 | None:
    """NFIQ 2 where it is installed."""
    return Nfiq2() if is_installed() else None
