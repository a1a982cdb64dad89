"""The shape of a head as a height field, and the small fields all painting is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from services.sandbox.faces.traits import Traits

Field = NDArray[np.floating[Any]]

HEIGHT, WIDTH = 480, 400  # pixels of the canvas
UNIT = 100.0  # pixels to one head unit: an average face is 2 units = 200 pixels wide
EYE_LINE = 215.0  # canvas row of y = 0


@dataclass(frozen=True)
class Expression:
    """What a face does in one photo: all zero is the neutral passport look."""

    smile: float = 0.0
    open_mouth: float = 0.0
    lids: float = 0.0
    brows: float = 0.0
    gaze: float = 0.0


def axes() -> tuple[Field, Field]:
    """Canvas coordinates in head units: x as a row (1, w), y as a column (h, 1), origin between the eyes."""
    x = (np.arange(WIDTH, dtype=np.float32)[None, :] + 0.5 - WIDTH / 2) / UNIT
    y = (np.arange(HEIGHT, dtype=np.float32)[:, None] + 0.5 - EYE_LINE) / UNIT
    return x, y


def bump(t: Field, centre: float, spread: float) -> Field:
    """A Gaussian of height 1 around ``centre``."""
    curve: Field = np.exp(np.float32(-0.5) * np.square((t - np.float32(centre)) / np.float32(spread)))
    return curve


def step(t: Field, softness: float) -> Field:
    """0 where t is well below zero, 1 well above, smooth within ``softness``."""
    ramp: Field = np.clip(t / np.float32(2 * softness) + np.float32(0.5), 0, 1)
    return ramp


def blend(image: Field, colour: Field | tuple[float, float, float], mask: Field) -> None:
    """Paint ``colour`` over ``image`` (h, w, 3) in place, as strongly as ``mask`` (h, w) says."""
    seen = mask > 1 / 512
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))  # most features are small
    paint = np.asarray(colour, dtype=np.float32)
    part = image[box]
    part += ((paint[box] if paint.ndim == 3 else paint) - part) * mask[box][..., None]


def half_width(traits: Traits, y: Field) -> Field:
    """Half the width of the head at each height: two superellipses that meet at the cheekbones."""
    middle = 0.12
    up = np.clip((middle - y) / (middle - traits.crown), 0, 1)
    down = np.clip((y - middle) / (traits.chin - middle), 0, 1)
    skull = (1 - up**traits.top_power) ** (1 / 2.2)
    jaw = (1 - down**traits.jaw_power) ** (1 / traits.jaw_root)
    width = traits.head_width * np.where(y < middle, skull, jaw)
    width *= 1 - traits.temple * bump(y, -0.45, 0.22) + traits.cheek * bump(y, 0.18, 0.18)
    width *= 1 + traits.cheek_fat * bump(y, 0.65, 0.25)
    return np.asarray(width, dtype=np.float32)


def head(traits: Traits, width: Field) -> Field:
    """The bare skull: how far each point stands forward, 0 at the outline."""
    x, _ = axes()
    across = 1 - np.square(x / np.maximum(width, 0.02))
    front: Field = np.sqrt(np.clip(across, 0, 1) * np.clip(width, 0, None) / traits.head_width)
    return front * np.float32(0.9)


def _nose(traits: Traits) -> Field:
    x, y = axes()
    rise = np.clip((y + 0.12) / (traits.nose_y - 0.02), 0, 1) * step(traits.nose_y - 0.02 - y, 0.06)
    widening = traits.nose_bridge + (0.6 * traits.nose_width - traits.nose_bridge) * np.clip(rise, 0, 1)
    ridge = np.exp(-0.5 * np.square(x / widening)) * rise**0.8 * traits.nose_height
    tip_y = traits.nose_y - 0.09
    tip = bump(x, 0, traits.nose_tip) * bump(y, tip_y, 0.09) * (0.4 * traits.nose_height)
    alae = bump(np.abs(x), traits.nose_width - 0.06, 0.055) * bump(y, traits.nose_y - 0.06, 0.065) * 0.10
    return np.asarray(ridge + tip + alae, dtype=np.float32)


def _mouth(traits: Traits, look: Expression) -> Field:
    x, y = axes()
    centre = traits.nose_y + traits.mouth_y
    spread = traits.mouth_width * (1 + 0.15 * look.smile)
    upper = bump(y, centre - 0.5 * traits.lip_upper - 0.02, 0.03 + 0.4 * traits.lip_upper) * 0.07
    lower = bump(y, centre + 0.6 * traits.lip_lower + look.open_mouth, 0.03 + 0.4 * traits.lip_lower) * 0.09
    return (upper + lower) * bump(x, 0, 0.6 * spread)


def relief(traits: Traits, look: Expression) -> Field:
    """Everything that stands out of the skull or sinks into it: brow ridge, sockets, nose, cheeks, lips, chin."""
    x, y = axes()
    side = np.abs(x)
    mouth_y = traits.nose_y + traits.mouth_y
    z = bump(side, 0.38, 0.26) * bump(y, traits.brow_y + 0.02, 0.09) * traits.brow_ridge
    z -= bump(side, traits.eye_gap, 0.2) * bump(y, -0.02, 0.12) * traits.socket
    z += bump(side, traits.eye_gap, 0.13) * bump(y, 0, 0.09) * 0.06
    z += bump(side, 0.58, 0.2) * bump(y, 0.34, 0.16) * (0.05 + 0.8 * max(traits.cheek, 0) + 0.04 * look.smile)
    z -= bump(side, 0.6, 0.16) * bump(y, 0.78, 0.2) * (0.07 - 0.5 * traits.cheek_fat)
    z += bump(x, 0, 0.18) * bump(y, traits.chin - 0.16, 0.11) * traits.chin_boss
    z -= bump(x, 0, 0.025) * bump(y, traits.chin - 0.13, 0.07) * traits.chin_cleft
    z -= bump(x, 0, 0.04) * bump(y, mouth_y - 0.16, 0.06) * 0.03
    z -= bump(x, 0, 0.2) * bump(y, mouth_y + traits.lip_lower + 0.1, 0.05) * 0.05
    return z + _nose(traits) + _mouth(traits, look)


def shade(z: Field, light: tuple[float, float, float], ambient: float) -> Field:
    """Lambert shading with soft occlusion.

    Args:
        z: height field (h, w), head units.
        light: direction towards the light (right, down, forward); any length.
        ambient: share of light that comes from everywhere, 0 to 1.

    Returns:
        float32 (h, w), about 1.0 where skin faces the light.
    """
    smooth = gaussian_filter(z, 1.5)
    down, right = np.gradient(smooth * np.float32(UNIT))
    right, down = np.clip(right, -2.5, 2.5), np.clip(down, -2.5, 2.5)
    lx, ly, lz = np.asarray(light, dtype=np.float32) / np.float32(np.linalg.norm(light))
    facing = (lz - lx * right - ly * down) / np.sqrt(1 + right * right + down * down)
    hollow = np.clip((gaussian_filter(smooth, 7) - smooth) * 4, -0.10, 0.30)
    lit: Field = (np.float32(ambient) + np.float32(1 - ambient) * np.clip(facing, 0, None)) * (1 - hollow)
    return lit


def skew(seed: int, strength: float) -> tuple[Field, Field]:
    """The irregularity of one person's head, since no head is symmetric.

    Args:
        seed: the person's texture seed.
        strength: typical displacement of one bump, head units.

    Returns:
        Displacement of rows and of columns, float32 (h / 4, w / 4), pixels.
    """
    rng = np.random.default_rng([seed, 8])
    x, y = axes()
    fields = np.zeros((2, HEIGHT // 4, WIDTH // 4), np.float32)
    for _ in range(14):
        cx, cy, spread = rng.uniform(-0.8, 0.8), rng.uniform(-0.5, 1.2), rng.uniform(0.2, 0.45)
        place = bump(x[:, ::4], cx, spread) * bump(y[::4], cy, spread)
        fields += rng.normal(0, strength, 2).astype(np.float32)[:, None, None] * place
    return fields[0] * np.float32(UNIT), fields[1] * np.float32(UNIT)
