"""LEADER's learned numbers, layer by layer, from its file."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.biometrics.face.onnx_format import float_tensors, operations

_OF: Final = "functional_1/"

Array = NDArray[np.float32]
Wide = NDArray[np.float64]


class LeaderWeights:
    """Finds what each layer has learned by the name that its operations have in the file."""

    def __init__(self, model: bytes) -> None:
        """Read the file.

        Args:
            model: LEADER.onnx, whose digest has been looked at.

        Raises:
            OnnxFormatError: not a model.
        """
        self._tensors = float_tensors(model)
        self._operations = {each.output: each for each in operations(model)}

    def convolution(self, layer: str) -> tuple[Array, Array]:
        """Weights (out, in, h, w) and bias (out,)."""
        learned = self._read_by(f"{layer}/BiasAdd")
        if len(learned) == 1:  # the bias is added by an operation of its own
            learned = [self.kernel(f"{layer}/convolution"), learned[0].ravel()]
        weights, bias = learned
        return weights, bias

    def activated_convolution(self, layer: str) -> tuple[Array, Array]:
        """The same of a layer that ends with a sigmoid."""
        weights, bias = self._constants(self._operations[f"{_OF}{layer}/Sigmoid:0"].inputs[0])
        return weights, bias

    def linear(self, layer: str) -> tuple[Wide, Wide]:
        """A convolution of single pixels: matrix (out, in) and bias (out,), in double precision."""
        weights, bias = self.convolution(layer)
        return weights[:, :, 0, 0].astype(np.float64), bias.astype(np.float64)

    def kernel(self, operation: str) -> Array:
        """The weights of a convolution without bias."""
        (weights,) = self._read_by(operation)
        return weights

    def norm(self, layer: str) -> tuple[Array, Array]:
        """Scale and shift of a layer normalisation."""
        (scale,), (shift,) = self._read_by(f"{layer}/mul"), self._read_by(f"{layer}/add_1")
        return scale.ravel(), shift.ravel()

    def _read_by(self, operation: str) -> list[Array]:
        return self._constants(f"{_OF}{operation}:0")

    def _constants(self, output: str) -> list[Array]:
        return [self._tensors[name] for name in self._operations[output].inputs if name in self._tensors]
