"""Matchers of others that stand beside ours where they are installed: same prints, same protocol, same clock."""

import io
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.biometrics.fingerprint.minutiae import DPI, FingerNotUsableError

NBIS: Final = "nbis"


class PrintComparer(Protocol):
    """What extracts templates from prints and compares them; ours and others'."""

    @property
    def model_id(self) -> str:
        """Names extractor and comparer."""
        ...

    def extract(self, grey: NDArray[np.uint8], dpi: int) -> Any:
        """A template; raises FingerNotUsableError."""
        ...

    def compare(self, a: Any, b: Any) -> float:
        """How alike; larger is more alike."""
        ...


class NbisComparer:
    """mindtct and bozorth3 of NIST's NBIS, through nbis-py."""

    model_id = "nbis-mindtct-bozorth3"

    def __init__(self) -> None:
        """Load the library; see `is_installed`."""
        self._nbis: Any = import_module(NBIS)
        settings = self._nbis.NbisExtractorSettings(
            min_quality=0.0, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=float(DPI)
        )
        self._extractor: Any = self._nbis.new_nbis_extractor(settings)

    def extract(self, grey: NDArray[np.uint8], dpi: int) -> Any:
        """Minutiae of a print, brought to 500 dpi.

        Raises:
            FingerNotUsableError: NBIS refuses the print.
        """
        size = (round(grey.shape[1] * DPI / dpi), round(grey.shape[0] * DPI / dpi))
        image = Image.fromarray(grey)
        png = io.BytesIO()
        (image if dpi == DPI else image.resize(size, Image.Resampling.BICUBIC)).save(png, "PNG", dpi=(DPI, DPI))
        try:
            return self._extractor.extract_minutiae(png.getvalue())
        except self._nbis.NbisError as error:
            raise FingerNotUsableError("REFUSED") from error

    def compare(self, a: Any, b: Any) -> float:
        """bozorth3's score, 0 and up."""
        return float(a.compare(b))


def is_installed() -> bool:
    """Whether NBIS can be called here."""
    return find_spec(NBIS) is not None
