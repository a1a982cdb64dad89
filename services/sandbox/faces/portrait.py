"""From a person's traits to an evenly lit head in front of a plain wall, layer by layer."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from services.sandbox.faces import features
from services.sandbox.faces.surface import (
    HEIGHT,
    WIDTH,
    Expression,
    Field,
    axes,
    blend,
    bump,
    half_width,
    head,
    relief,
    shade,
    step,
)
from services.sandbox.faces.traits import Traits, noise, toned

SHAPE = (HEIGHT, WIDTH)


@dataclass(frozen=True)
class Light:
    """Where the light of a photo comes from (right, down, forward) and how much is ambient."""

    direction: tuple[float, float, float] = (-0.2, -0.6, 1.0)
    ambient: float = 0.6


def _grain(seed: int, salt: int, sigma: tuple[float, float]) -> Field:
    """Smooth noise of unit variance; ``sigma`` gives its grain down and across, in pixels."""
    smooth = gaussian_filter(noise(seed, salt, SHAPE), sigma, mode="wrap")
    grain: Field = smooth / smooth.std()
    return grain


def _moles(traits: Traits) -> Field:
    """A few dark spots at places of this person's own (h, w)."""
    x, y = axes()
    places = np.random.default_rng([traits.texture_seed, 6]).uniform((-0.7, -0.6), (0.7, 1.0), (4, 2))
    spots: Field = np.max([bump(x, cx, 0.03) * bump(y, cy, 0.03) for cx, cy in places], axis=0)
    return spots


def _skin(traits: Traits) -> Field:
    """Bare skin (h, w, 3): tone, blotches, freckles, warm cheeks, dark sockets."""
    x, y = axes()
    side = np.abs(x)
    image = np.ones((*SHAPE, 3), np.float32) * np.asarray(traits.skin, np.float32)
    image *= 1 + (0.02 * _grain(traits.texture_seed, 1, (9, 9)))[..., None]
    image *= 1 + (0.012 * _grain(traits.texture_seed, 2, (0.8, 0.8)))[..., None]
    spots = np.clip(_grain(traits.texture_seed, 3, (1.4, 1.4)) - 1.8, 0, 1) * bump(y, 0.3, 0.3)
    image *= 1 - (traits.freckles * spots)[..., None]
    image *= 1 - (0.8 * traits.moles * _moles(traits))[..., None]
    warm = bump(side, 0.55, 0.22) * bump(y, 0.42, 0.18) * np.float32(traits.blush)
    image *= 1 - warm[..., None] * np.array([0.0, 0.35, 0.3], np.float32)
    dark = bump(side, traits.eye_gap, 0.2) * bump(y, 0.0, 0.12) * np.float32(traits.socket)
    return image * (1 - 1.2 * dark)[..., None]


def _face(traits: Traits, look: Expression, width: Field, hairs: Field) -> Field:
    """Skin with everything painted on it, unlit."""
    image = _skin(traits)
    features.lines(image, traits, look)
    features.nostrils(image, traits)
    features.mouth(image, traits, look)
    features.beard(image, traits, width, hairs)
    for side in (-1, 1):
        features.eye(image, traits, look, side)
        features.brow(image, traits, look, side, hairs)
    return image


def _backdrop(traits: Traits, wall: tuple[float, float, float], strands: Field) -> Field:
    """Everything behind the face: wall, long hair, neck, shoulders, scarf."""
    x, y = axes()
    image = np.ones((*SHAPE, 3), np.float32) * np.asarray(wall, np.float32)
    side = np.abs(x)
    if traits.hair_style not in ("bald", "receding", "scarf"):
        blend(image, _cover(traits, strands), _hair_behind(traits))
    neck = 0.62 * traits.head_width + 0.25 * np.clip(y - traits.chin - 0.1, 0, None) ** 2
    blend(image, toned(traits.skin, 0.72), step(neck - side, 0.02) * step(y - 0.4, 0.05))
    shoulder_y = traits.chin + 0.42 + 0.22 * np.square(np.clip(side - 0.4, 0, None))
    blend(image, traits.cloth, step(y - shoulder_y + 0.18 * np.clip(0.5 - side, 0, None), 0.015))
    under = bump(x, 0, 0.5) * bump(y, traits.chin + 0.1, 0.14) * step(neck - side, 0.05)
    image *= 1 - 0.55 * under[..., None]
    if traits.hair_style == "scarf":
        blend(image, _cover(traits, strands) * 0.85, _hair_behind(traits))
    return image


def _ears(image: Field, traits: Traits, width: Field) -> None:
    """Ears beside the head, in front of the backdrop."""
    x, y = axes()
    reach = float(np.interp(0.1, y[:, 0], width[:, 0]))
    oval = 1 - np.square((np.abs(x) - reach) / traits.ear) - np.square((y - 0.12) / 0.24)
    blend(image, toned(traits.skin, 0.82), step(oval, 0.1))
    blend(image, toned(traits.skin, 0.55), bump(oval, 0.45, 0.12) * 0.7)


def _hairline(traits: Traits, width: Field) -> Field:
    """How far hair reaches over the face: positive under hair (h, w)."""
    x, y = axes()
    side = np.abs(x) / np.maximum(width, 0.05)
    line = traits.hairline + 0.55 * np.clip(side - 0.55, 0, 1) ** 1.2 + 0.0 * y
    if traits.hair_style == "receding":
        line = line - 0.25 + 0.2 * bump(x, 0, 0.2) + 0.5 * np.clip(side - 0.6, 0, 1)
    if traits.hair_style in ("fringe", "long_fringe"):
        line = np.maximum(line, -0.48 + 0.06 * np.sin(9 * x + traits.part * 6) - 0.1 * traits.hair_side)
    if traits.hair_style in ("parted", "long"):
        line = line + 0.45 * np.clip(np.abs(x - traits.part) - 0.15, 0, 0.8) - 0.1
    sides = step(side - 0.90 + 0.06 * traits.hair_side, 0.03) * step(0.05 + 0.5 * traits.hair_side - y, 0.08)
    return np.maximum(step(line - y, 0.03), sides)


def _hair_colour(traits: Traits, strands: Field) -> Field:
    """Colour of the hair (h, w, 3) with its strands and a sheen."""
    _, y = axes()
    sheen = 1 + 0.22 * strands + 0.5 * bump(y, -1.0, 0.18)
    colour: Field = np.clip(np.asarray(traits.hair, np.float32) * sheen[..., None] + 0.015, 0, 1)
    return colour


def _hair_behind(traits: Traits) -> Field:
    """Where hair or scarf is seen around the head (h, w)."""
    x, y = axes()
    top = traits.crown - traits.hair_volume
    up = np.clip((0.1 - y) / (0.1 - top), 0, 1)
    reach = (traits.head_width + traits.hair_volume) * (1 - up**2.3) ** (1 / 2.2)
    bottom = 0.1 + 0.4 * traits.hair_side
    if traits.hair_style in ("long", "long_fringe"):
        bottom = 1.2 + 0.9 * traits.hair_side
    if traits.hair_style == "scarf":
        bottom, reach = 4.0, reach + 0.5 * np.clip(y - traits.chin, 0, None) ** 1.5
    return step(reach - np.abs(x), 0.03) * step(bottom - y, 0.1) * step(y - top, 0.01)


def _cover(traits: Traits, strands: Field) -> Field:
    """What covers the head: hair, or the cloth of a scarf."""
    if traits.hair_style != "scarf":
        return _hair_colour(traits, strands)
    folds = gaussian_filter(strands, (12, 8))
    cloth = np.asarray(traits.cloth, np.float32) * (1 + folds[..., None])
    return np.clip(cloth, 0, 1)


def _front_mask(traits: Traits, width: Field) -> Field:
    """Where hair or scarf lies over the face (h, w)."""
    x, y = axes()
    if traits.hair_style == "bald":
        return np.zeros(SHAPE, np.float32)
    if traits.hair_style == "scarf":
        inner = np.square(x / (0.86 * traits.head_width)) + np.square((y - 0.2) / (traits.chin - 0.16))
        return step(inner - 1, 0.03)
    return _hairline(traits, width)


def compose(traits: Traits, look: Expression, light: Light, wall: tuple[float, float, float]) -> tuple[Field, Field]:
    """Draw one person facing the camera.

    Returns:
        The lit picture, float32 (h, w, 3) in 0..1, linear in paint, and its height field (h, w), head units.
    """
    _, y = axes()
    width = half_width(traits, y)
    bare = head(traits, width)
    strands = _grain(traits.texture_seed, 4, (7, 1.0))
    hairs = _grain(traits.texture_seed, 5, (1.2, 0.8))
    image = _backdrop(traits, wall, strands)
    if traits.hair_style != "scarf":
        _ears(image, traits, width)
    inside = step(width - np.abs(axes()[0]), 0.012) * step(traits.chin - y, 0.01) * step(y - traits.crown, 0.01)
    face = _face(traits, look, width, hairs)
    front = _front_mask(traits, width)
    blend(face, _cover(traits, strands), front)
    z = bare + relief(traits, look) * step(bare, 0.2) + 0.06 * gaussian_filter(front * inside, 3)
    lit = shade(z, light.direction, light.ambient)
    features_lit = 1.08 * face * lit[..., None]
    features.glasses(features_lit, traits)
    blend(image, features_lit, inside)
    return image, z
