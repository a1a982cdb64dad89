"""LEADER written down anew from its own weights: the same function, in half the time.

The file as exported takes a layer normalisation apart into twelve operations and an activation into eight, makes
dilated convolutions out of copies, repeats pixels through two more, and turns maps between two layouts for each. What
is different here, and changes nothing but roundings:

- Normalisation, activation, dilated convolution: one operation each.
- Two linear layers after each other are one matrix: a block's reduction, its adjustment, and a head's next layer.
- A head's last layers work on half the size, before pixels are repeated: each but the last is a function of a pixel,
  and the last, five by five, is four kernels of three by three, one for each place within a repeated pixel.
- The large blocks go through the map in bands, so that what lies between two products stays in the core's cache.
- The direction is a vector still: its angle is wanted at minutiae only.

Source: the graph of LEADER.onnx (R. Cappelli, MIT); W. Shi and others, Is the deconvolution layer the same as a
convolutional layer? (2016), for the last layer.
"""

from typing import Final

import numpy as np

from services.biometrics.fingerprint.leader_layers import Layers
from services.biometrics.fingerprint.leader_weights import LeaderWeights, Wide

MAPS: Final = 4
_LEVELS: Final = range(4)
_DILATIONS: Final = (1, 3, 6)
_BANDS: Final = 8
"""Of a map at half size or less: its height is a multiple of 16 there, and of 8 a level further down."""
_PLACE, _DIRECTION, _KIND = 0, 1, 2
"""The heads."""
_HEADS: Final = (_PLACE, _DIRECTION, _KIND)
_EACH: Final = 4
"""Channels of a head before its last layer."""
_REACH: Final = 2
"""Of the last layer, pixels to each side."""


def leader_network(model: bytes) -> bytes:
    """The network as an ONNX file.

    Its input is float32 (batch, height, width, 1), sides multiples of 32. Its output is float32 (batch, MAPS, height,
    width): the confidence after blur and non-maximum suppression, zero elsewhere; how much more likely an ending than a
    bifurcation, as a logit; cosine and sine of the direction, of any length.

    Args:
        model: LEADER.onnx as published.

    Raises:
        OnnxFormatError: not a model.
    """
    return _Leader(LeaderWeights(model)).model()


class _Leader:
    def __init__(self, weights: LeaderWeights) -> None:
        self._weights = weights
        self._layers = Layers()

    def model(self) -> bytes:
        layers = self._layers
        image = layers.planes("input")
        coarse = self._attended(self._first(layers.pooled(self._stem(image, "stem0"), "MaxPool")))
        fine = layers.pooled(self._stem(image, "stem1"), "AveragePool")
        maps = self._maps(self._second(layers.joined(coarse, fine)))
        return layers.model(maps, (("height", "width", 1), (MAPS, "height", "width")))

    def _stem(self, image: str, name: str) -> str:
        near = self._layers.convolution(image, *self._weights.convolution(f"{name}_conv_1"))
        wide = self._layers.convolution(image, *self._weights.convolution(f"{name}_dilated_conv_1"), dilation=2)
        both = self._layers.pixels(self._layers.joined(near, wide, axis=1))
        return self._layers.activated(self._layers.normalised(both, *self._weights.norm(f"{name}_ln_1")))

    def _first(self, top: str) -> str:
        """The first encoder and decoder, of separable convolutions."""
        layers, skipped = self._layers, []
        for level in _LEVELS:
            top, _ = self._separable(top, f"enc0_{level}")
            skipped.append(top)
            top = layers.halved(top)
        for level in reversed(_LEVELS):
            top, channels = self._separable(top, f"dec0_{level}")
            top = layers.joined(layers.doubled(top, channels), skipped[level])
        return top

    def _second(self, top: str) -> str:
        """The second encoder and decoder, of inverted bottlenecks."""
        layers, skipped = self._layers, []
        for level in _LEVELS:
            top, _ = self._adjusted(top, f"enc1_{level}", bands=1 if level else _BANDS)
            skipped.append(top)
            top = layers.halved(top)
        for level in reversed(_LEVELS):
            top, channels = self._adjusted(top, f"dec1_{level}", bands=1 if level else _BANDS)
            top = layers.joined(layers.doubled(top, channels), skipped[level])
        return top

    def _separable(self, source: str, name: str) -> tuple[str, int]:
        """The result, and how many channels it has."""
        layers = self._layers
        mixing, bias = self._weights.linear(f"{name}_conv_1")
        top = layers.depthwise(source, self._weights.kernel(f"{name}_conv_1/separable_conv2d/depthwise"))
        top = layers.shifted(layers.product(top, mixing), bias)
        return layers.activated(layers.normalised(top, *self._weights.norm(f"{name}_ln_1"))), len(bias)

    def _attended(self, source: str) -> str:
        layers, planes = self._layers, self._layers.planes(source)
        seen = [
            layers.convolution(planes, *self._weights.convolution(f"attention_conv_d{each}_1"), dilation=each)
            for each in _DILATIONS
        ]
        mixing, bias = self._weights.linear("attention_s_1")
        top = layers.product(layers.activated(layers.pixels(layers.joined(*seen, axis=1))), mixing)
        return layers.add("Mul", source, layers.add("Sigmoid", layers.shifted(top, bias)))

    def _adjusted(self, source: str, name: str, *, bands: int) -> tuple[str, int]:
        """A block and the linear layer after it; and how many channels come of it."""
        after = self._weights.linear(f"{name}_conv_adj_1")
        own, mixed, bias = self._bottleneck(source, name, after, bands)
        both = self._layers.add("Add", self._layers.product(source, own), mixed)
        return self._layers.shifted(both, bias), len(bias)

    def _bottleneck(self, source: str, name: str, after: tuple[Wide, Wide], bands: int) -> tuple[Wide, str, Wide]:
        """An inverted bottleneck, its residual sum, and a linear layer after it: in all own x + mixed(x) + bias.

        Args:
            source: x.
            name: of the block.
            after: matrix and bias of the linear layer.
            bands: that the map is gone through in.

        Returns:
            own, mixed(x), bias.
        """
        layers, (own, bias) = self._layers, after
        expansion, expansion_bias = self._weights.linear(f"{name}_conv_exp_1")
        reduction, reduction_bias = self._weights.linear(f"{name}_conv_red_1")
        norm = self._weights.norm(f"{name}_ln_1")
        top = layers.depthwise(source, self._weights.kernel(f"{name}_depthwise_conv_1/depthwise"))

        def mixed(band: str) -> str:
            expanded = layers.product(layers.normalised(band, *norm), expansion)
            return layers.product(layers.activated(expanded, expansion_bias), own @ reduction)

        parts = layers.split(top, bands, axis=1) if bands > 1 else (top,)
        done = [mixed(part) for part in parts]
        return own, layers.joined(*done, axis=1) if bands > 1 else done[0], own @ reduction_bias + bias

    def _maps(self, source: str) -> str:
        """The three heads' maps, at full size."""
        layers = self._layers
        heads = [self._head(source, head) for head in _HEADS]
        own, bias = np.concatenate([each[0] for each in heads]), np.concatenate([each[2] for each in heads])
        top = layers.add("Add", layers.product(source, own), layers.joined(*(each[1] for each in heads)))
        top = self._last_mixed(layers.shifted(top, bias))
        maps = layers.add("DepthToSpace", layers.convolution(layers.planes(top), *self._last()), blocksize=2)
        place, others = layers.split(maps, 2, axis=1, sizes=(1, MAPS - 1))
        return layers.joined(self._suppressed(layers.add("Sigmoid", place)), others, axis=1)

    def _head(self, source: str, head: int) -> tuple[Wide, str, Wide]:
        """A head's block with the two linear layers after it."""
        adjustment, adjustment_bias = self._weights.linear(f"head_{head}_ibc_conv_adj_1")
        next_, next_bias = self._weights.linear(f"head_{head}_conv1_1")
        after = next_ @ adjustment, next_ @ adjustment_bias + next_bias
        return self._bottleneck(source, f"head_{head}_ibc", after, _BANDS)

    def _last_mixed(self, source: str) -> str:
        """The heads' normalisation, over each four channels, and the linear layer and activation after it."""
        layers, count = self._layers, _EACH * len(_HEADS)
        matrix, biases = np.zeros((count, count)), []
        for head in _HEADS:
            at = slice(_EACH * head, _EACH * (head + 1))
            (scale, shift), (mixing, bias) = (
                self._weights.norm(f"head_{head}_ln_1"),
                self._weights.linear(f"head_{head}_conv2_1"),
            )
            matrix[at, at] = mixing * scale
            biases.append(bias + mixing @ shift)
        plain = np.ones(_EACH, np.float32), np.zeros(_EACH, np.float32)
        apart = layers.add("Reshape", source, layers.whole(0, 0, -1, _EACH))
        together = layers.add("Reshape", layers.normalised(apart, *plain), layers.whole(0, 0, -1, count))
        return layers.activated(layers.product(together, matrix), np.concatenate(biases))

    def _last(self) -> tuple[Wide, Wide]:
        """The heads' last convolutions on repeated pixels, as kernels on the pixels themselves.

        Returns:
            (weights, bias): float64 (4 MAPS, channels, 3, 3) and (4 MAPS,); for each place within a repeated pixel, row
            by row, all maps.
        """
        place, kind = (self._weights.activated_convolution(f"head_conv_{name}_1") for name in ("pos", "typ"))
        direction = self._weights.convolution("head_conv_dir_1")
        full = np.zeros((MAPS, _EACH * len(_HEADS), 2 * _REACH + 1, 2 * _REACH + 1))
        first = 0
        for head, (weights, _) in ((_PLACE, place), (_KIND, kind), (_DIRECTION, direction)):
            full[first : first + len(weights), _EACH * head : _EACH * (head + 1)] = weights
            first += len(weights)
        phases = np.zeros((2, 2, *full.shape[:2], 3, 3))
        for row, column in np.ndindex(2, 2):
            for down, right in np.ndindex(full.shape[2:]):
                cell = (row + down - _REACH) // 2 + 1, (column + right - _REACH) // 2 + 1
                phases[row, column, :, :, cell[0], cell[1]] += full[:, :, down, right]
        bias = np.concatenate([each[1] for each in (place, kind, direction)]).astype(np.float64)
        return phases.reshape(-1, *phases.shape[3:]), np.tile(bias, 4)

    def _suppressed(self, place: str) -> str:
        """Blurred, and zero where it is not the largest of seven by seven."""
        layers = self._layers
        blurred = layers.convolution(place, self._weights.kernel("nms_Gaussian_blur_1/convolution"))
        largest = layers.add("MaxPool", blurred, kernel_shape=[7, 7], pads=[3] * 4)
        return layers.add("Mul", largest, layers.add("Cast", layers.add("Equal", blurred, largest), to=1))
