"""Reads the tensors of dlib's face recognition network from its file.

dlib writes a network as nested layers, each a name, a version, a tensor and settings. The settings of this one
network are known (its layers are written out in `resnet`), so only tensors are taken, in the order of the layers that
hold them. The file's digest is checked first: what is read is the file that this reader was written against.

Source: dlib's `serialize` for integers (a byte of sign and length, then little-endian digits) and for `tensor`
(version 2, four sides, raw float32), as published with dlib 19.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face.engine import FaceEngineUnavailableError

SHA256: Final = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
_LAYER: Final = re.compile(rb"\x01\x05con_4|\x01\x07affine_|\x01\x04fc_2")
_TENSOR_VERSION: Final = 2
_MOST_NUMBERS: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class LayerTensor:
    """A layer's learned numbers.

    Attributes:
        kind: con_4 (convolution), affine_ or fc_2 (fully connected).
        numbers: float32 (n,), in the file's order.
    """

    kind: str
    numbers: NDArray[np.float32]


def read_tensors(path: Path) -> list[LayerTensor]:
    """The tensors of the layers that have any, from the image inwards.

    Raises:
        FaceEngineUnavailableError: the file is absent or not the expected one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaceEngineUnavailableError("dlib's face recognition model cannot be read") from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise FaceEngineUnavailableError("dlib's face recognition model is not the expected file")
    return list(_tensors(data))


def _tensors(data: bytes) -> Iterator[LayerTensor]:
    at = 0
    while found := _LAYER.search(data, at):
        kind = found.group()[2:].decode()
        reader = _Reader(data, found.end())
        if kind == "fc_2":
            reader.integer()  # outputs
            reader.integer()  # inputs
        numbers = reader.tensor()
        at = reader.at
        yield LayerTensor(kind, numbers)


class _Reader:
    """Goes through the file from one place on; never past its end."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def integer(self) -> int:
        """The next whole number."""
        head = self._take(1)[0]
        digits = self._take(head & 0x0F)
        value = int.from_bytes(digits, "little")
        return -value if head & 0x80 else value

    def tensor(self) -> NDArray[np.float32]:
        """The next tensor, flat."""
        if self.integer() != _TENSOR_VERSION:
            raise FaceEngineUnavailableError("a tensor of dlib's model is in an unknown form")
        count = int(np.prod([self.integer() for _ in range(4)], dtype=np.int64))
        if not 0 <= count <= _MOST_NUMBERS:
            raise FaceEngineUnavailableError("a tensor of dlib's model has an impossible size")
        return np.frombuffer(self._take(4 * count), dtype="<f4").astype(np.float32)

    def _take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        if len(taken) != count:
            raise FaceEngineUnavailableError("dlib's model ends too early")
        self.at += count
        return taken
