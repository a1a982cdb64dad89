"""Paint on the skin: eyes, brows, nostrils, mouth, lines of age, beard, glasses."""

import numpy as np

from services.sandbox.faces.surface import Expression, Field, axes, blend, bump, step
from services.sandbox.faces.traits import Traits, toned

SHADOW = (0.10, 0.06, 0.05)


def _eye_axes(traits: Traits, side: int) -> tuple[Field, Field]:
    """Coordinates along (outward positive) and across one eye, tilt taken out."""
    x, y = axes()
    u, v = x * side - traits.eye_gap, y
    return u + v * -traits.eye_tilt, v + u * traits.eye_tilt


def eye(image: Field, traits: Traits, look: Expression, side: int) -> None:
    """Paint one eye; ``side`` is -1 or +1."""
    u, v = _eye_axes(traits, side)
    arc = np.clip(1 - np.square(u / traits.eye_width), 0, None)
    opening = traits.eye_open * (1 + look.lids)
    top, bottom = v + opening * arc**0.7, 0.55 * opening * arc - v
    lid = bump(top, -0.06, 0.05) * bump(u, 0.02, 0.8 * traits.eye_width)
    blend(image, toned(traits.skin, 0.55, 0.38, 0.45), lid * traits.eye_shadow)
    inside = step(top, 0.008) * step(bottom, 0.008) * step(arc, 0.04)
    shading = 0.62 + 0.3 * step(top - 0.02, 0.05)
    blend(image, np.stack([shading * 1.0, shading * 0.96, shading * 0.93], axis=-1), inside)
    gaze = u * side - look.gaze * 0.08
    radius = np.hypot(gaze, v + 0.012)
    blend(image, traits.iris, inside * step(traits.iris_size - radius, 0.010))
    blend(image, SHADOW, inside * step(0.42 * traits.iris_size - radius, 0.008))
    blend(image, SHADOW, inside * bump(radius, traits.iris_size, 0.010) * 0.6)
    blend(image, (1.0, 1.0, 1.0), bump(gaze, 0.03, 0.012) * bump(v, -0.045, 0.012) * inside)
    extent = step(traits.eye_width * 1.08 - np.abs(u), 0.03)
    blend(image, SHADOW, bump(top, 0, 0.014 + 0.008 * traits.lip_red) * extent * 0.9)
    blend(image, SHADOW, bump(bottom, 0, 0.009) * extent * 0.35)
    blend(image, SHADOW, bump(top, -0.05, 0.013) * extent * 0.45 * traits.eye_crease)
    bag = bump(bottom, -0.09 - 0.03 * arc, 0.02) * bump(u, 0, 0.13)
    blend(image, SHADOW, bag * 0.22 * traits.eye_bag)


def brow(image: Field, traits: Traits, look: Expression, side: int, hairs: Field) -> None:
    """Paint one eyebrow; ``hairs`` (h, w) is noise of about unit variance."""
    x, y = axes()
    u = (x * side - traits.eye_gap - 0.02) / traits.brow_length
    line = traits.brow_y - 0.06 * look.brows - traits.brow_arch * (1 - u * u) - 0.2 * traits.brow_tilt * u
    taper = np.clip(1 - 0.45 * np.clip(u, 0, None), 0.2, 1) * step(1 - np.abs(u), 0.12)
    body = np.exp(-0.5 * np.square((y - line) / (traits.brow_thick * np.maximum(taper, 0.2)))) * taper
    body = np.maximum(
        body, bump(x, 0, 0.14) * bump(y, traits.brow_y + 0.02, 0.7 * traits.brow_thick) * traits.brow_join
    )
    blend(image, traits.hair, np.clip(body * (traits.brow_dark + 0.25 * hairs), 0, 0.95))


def nostrils(image: Field, traits: Traits) -> None:
    """Paint the nostrils and the shadow under the nose."""
    x, y = axes()
    side = np.abs(x)
    hole = bump(side, 0.5 * traits.nose_width, 0.22 * traits.nose_width) * bump(y, traits.nose_y - 0.01, 0.022)
    blend(image, SHADOW, hole * 0.75)
    under = bump(x, 0, 0.8 * traits.nose_width) * bump(y, traits.nose_y + 0.03, 0.03)
    blend(image, SHADOW, under * 0.3)
    wing = bump(side, traits.nose_width + 0.01, 0.018) * bump(y, traits.nose_y - 0.07, 0.05)
    blend(image, SHADOW, wing * 0.35)


def mouth(image: Field, traits: Traits, look: Expression) -> None:
    """Paint lips, the line between them and, when open, the teeth."""
    x, y = axes()
    reach = traits.mouth_width * (1 + 0.18 * look.smile)
    u = x / reach
    arc = np.clip(1 - u * u, 0, None)
    curve = traits.mouth_curve + 0.07 * look.smile
    line = traits.nose_y + traits.mouth_y + curve * (arc - 0.5)
    gap = look.open_mouth * arc
    bow = 1 - traits.lip_bow * bump(x, 0, 0.05) + 0.3 * bump(np.abs(x), 0.09, 0.05)
    upper = step(y - (line - traits.lip_upper * arc**0.8 * bow), 0.012) * step(line - y, 0.01)
    lower = step(line + gap + traits.lip_lower * arc**0.6 - y, 0.014) * step(y - line - gap, 0.01)
    skin = np.asarray(traits.skin)
    lip = skin * (0.80, 0.62, 0.60) + traits.lip_red * np.array([0.10, -0.06, -0.03])
    inside = step(arc, 0.06)
    blend(image, tuple(np.clip(lip * 0.9, 0, 1)), upper * inside * 0.9)
    blend(image, tuple(np.clip(lip, 0, 1)), lower * inside * 0.85)
    blend(image, (0.85, 0.83, 0.78), step(y - line, 0.008) * step(line + gap - y, 0.008) * inside)
    blend(image, SHADOW, bump(y - line, 0, 0.012) * step(1.04 - np.abs(u), 0.05) * 0.8)
    blend(image, SHADOW, bump(np.abs(u), 1.02, 0.05) * bump(y - line, 0, 0.03) * 0.4)


def lines(image: Field, traits: Traits, look: Expression) -> None:
    """Paint the folds beside the mouth and the lines of the forehead."""
    x, y = axes()
    t = np.clip((y - traits.nose_y + 0.05) / (traits.mouth_y + 0.1), 0, 1)
    fold_x = traits.nose_width + 0.04 + (traits.mouth_width + 0.08 - traits.nose_width) * t
    fold = bump(np.abs(x) - fold_x, 0, 0.02) * np.clip(np.sin(np.pi * t), 0, 1) ** 0.6
    blend(image, SHADOW, fold * np.float32(0.28 * min(traits.fold + 0.4 * look.smile, 1.3)))
    depth = 0.25 * max(traits.age - 0.45, 0) * 2
    for row in (-0.58, -0.70, -0.81):
        crease = bump(y + 0.04 * np.cos(3 * x), row, 0.012) * bump(x, 0, 0.3)
        blend(image, SHADOW, crease * np.float32(depth))


def beard(image: Field, traits: Traits, width: Field, hairs: Field) -> None:
    """Paint stubble, moustache, goatee or full beard; ``hairs`` (h, w) is noise of about unit variance."""
    if traits.beard == "none":
        return
    x, y = axes()
    mouth_y = traits.nose_y + traits.mouth_y
    upper_lip = step(y - traits.nose_y - 0.05, 0.04) * step(mouth_y - traits.lip_upper - 0.01 - y, 0.02)
    moustache = upper_lip * step(traits.mouth_width * 1.15 - np.abs(x), 0.06)
    below = step(y - mouth_y - traits.lip_lower - 0.04, 0.03)
    edge = mouth_y - 0.05 - 0.55 * np.clip(np.abs(x) / np.maximum(width, 0.1) - 0.45, 0, 1)
    jaw = step(y - edge, 0.06) * np.maximum(below, step(np.abs(x) - traits.mouth_width - 0.06, 0.05))
    drop = bump(np.abs(x) - traits.mouth_width - 0.05, 0, 0.04) * step(y - mouth_y + 0.12, 0.05)
    masks = {
        "stubble": np.maximum(jaw, moustache) * 0.4,
        "moustache": moustache * 0.95,
        "handlebar": np.maximum(moustache, drop) * 0.95,
        "chops": jaw * step(np.abs(x) - traits.mouth_width * 0.9, 0.05) * 0.95,
        "strap": jaw * step(np.abs(x) / np.maximum(width, 0.1) - 0.78 + step(y - traits.chin + 0.2, 0.05), 0.05) * 0.95,
        "goatee": np.maximum(moustache, below * step(traits.mouth_width * 1.1 - np.abs(x), 0.06)) * 0.9,
        "full": np.maximum(jaw, moustache) * 0.95,
    }
    blend(image, traits.hair, np.clip(masks[traits.beard] * (0.92 + 0.18 * hairs), 0, 1))


def glasses(image: Field, traits: Traits) -> None:
    """Paint spectacle frames."""
    if not traits.glasses:
        return
    x, y = axes()
    thick, centre = traits.rim_thick, max(traits.eye_gap, traits.rim_width + 0.05)
    u, v = (np.abs(x) - centre) / traits.rim_width, (y - 0.03) / traits.rim_height
    rim = (np.abs(u) ** traits.rim_power + np.abs(v) ** traits.rim_power) ** (1 / traits.rim_power) - 1
    frame = bump(rim, 0, thick / traits.rim_width)
    bridge = bump(y + 0.04, 0, thick * 0.8) * step(centre - traits.rim_width - np.abs(x), 0.02)
    arms = bump(y + 0.06, 0, thick * 0.8) * step(np.abs(x) - centre - traits.rim_width, 0.02)
    blend(image, (1.0, 1.0, 1.0), step(-rim, 0.05) * 0.05)
    blend(image, traits.rim, np.clip(np.maximum(frame, np.maximum(bridge, arms)) * 1.3, 0, 0.95))
