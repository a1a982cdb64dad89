"""From two prints to what they have in common."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.biometrics.fingerprint.comparison import Relations, borne_out, similarities
from services.biometrics.fingerprint.minutiae import DPI
from services.biometrics.fingerprint.template import FingerTemplate
from services.biometrics.images import FingerImage
from shared.contracts.correspondences import Correspondences, MatchedPair, Minutia, PrintView

_DECIMALS = 3


def correspondences(
    one: FingerTemplate, other: FingerTemplate, images: tuple[FingerImage, FingerImage]
) -> Correspondences:
    """The pairs of minutiae that LSS-R is the mean of, over images at 500 dpi. Tens of milliseconds."""
    similarity = similarities(one.cylinders, other.cylinders)
    rows, columns, strength = borne_out(Relations.of(one.cylinders), other.cylinders, similarity)
    found = zip(one.owner[rows], other.owner[columns], strength, strict=True)
    pairs = [MatchedPair(one=int(a), other=int(b), strength=round(float(s), _DECIMALS)) for a, b, s in found]
    return Correspondences(
        one=_view(one, images[0]),
        other=_view(other, images[1]),
        pairs=sorted(pairs, key=lambda pair: -pair.strength),
    )


def _view(template: FingerTemplate, image: FingerImage) -> PrintView:
    minutiae, pixels = template.minutiae, _at_500(image)
    places = zip(minutiae.x, minutiae.y, minutiae.direction, strict=True)
    shown = [Minutia(x=float(x), y=float(y), direction=round(float(turn), _DECIMALS)) for x, y, turn in places]
    written = BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    height, width = pixels.shape
    return PrintView(image=b64encode(written.getvalue()), width=width, height=height, minutiae=shown)


def _at_500(image: FingerImage) -> NDArray[np.uint8]:
    if image.dpi == DPI:
        return image.pixels
    height, width = (round(side * DPI / image.dpi) for side in image.pixels.shape)
    scaled = Image.fromarray(image.pixels).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled, dtype=np.uint8)
