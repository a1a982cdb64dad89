"""What makes one synthetic person look unlike another: some sixty traits drawn from a seed."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]

SKIN: tuple[Colour, ...] = (
    (0.95, 0.80, 0.71),
    (0.92, 0.74, 0.60),
    (0.84, 0.64, 0.48),
    (0.74, 0.53, 0.37),
    (0.60, 0.41, 0.28),
    (0.48, 0.32, 0.22),
    (0.38, 0.25, 0.17),
)
HAIR: tuple[Colour, ...] = (
    (0.06, 0.05, 0.05),
    (0.13, 0.09, 0.07),
    (0.26, 0.16, 0.10),
    (0.42, 0.26, 0.13),
    (0.55, 0.54, 0.53),
    (0.82, 0.81, 0.79),
    (0.70, 0.52, 0.28),
)
IRIS: tuple[Colour, ...] = ((0.16, 0.10, 0.06), (0.28, 0.17, 0.08), (0.30, 0.36, 0.24), (0.35, 0.47, 0.58))
CLOTH: tuple[Colour, ...] = (
    (0.16, 0.20, 0.32),
    (0.35, 0.12, 0.14),
    (0.15, 0.30, 0.24),
    (0.75, 0.75, 0.72),
    (0.22, 0.22, 0.24),
    (0.55, 0.42, 0.26),
    (0.42, 0.34, 0.52),
)
RIM: tuple[Colour, ...] = ((0.06, 0.05, 0.06), (0.35, 0.27, 0.16), (0.45, 0.10, 0.10), (0.85, 0.85, 0.88))
HAIR_STYLES = ("bald", "receding", "short", "fringe", "parted", "long", "long_fringe", "scarf")
BEARDS = ("none", "none", "stubble", "moustache", "handlebar", "goatee", "chops", "strap", "full")


@dataclass(frozen=True)
class Traits:
    """One person's permanent looks.

    Lengths are in head units (1.0 = half the width of an average face), y pointing down from the eye line.
    """

    skin: Colour
    hair: Colour
    iris: Colour
    cloth: Colour
    lip_red: float
    hair_style: str
    beard: str
    glasses: bool
    age: float
    head_width: float
    crown: float
    chin: float
    jaw_power: float
    jaw_root: float
    top_power: float
    temple: float
    cheek: float
    cheek_fat: float
    brow_ridge: float
    socket: float
    eye_gap: float
    eye_width: float
    eye_open: float
    eye_tilt: float
    eye_crease: float
    eye_bag: float
    iris_size: float
    brow_y: float
    brow_thick: float
    brow_arch: float
    brow_tilt: float
    brow_dark: float
    brow_length: float
    nose_y: float
    nose_width: float
    nose_bridge: float
    nose_height: float
    nose_tip: float
    mouth_y: float
    mouth_width: float
    lip_upper: float
    lip_lower: float
    lip_bow: float
    mouth_curve: float
    chin_boss: float
    chin_cleft: float
    fold: float
    hairline: float
    hair_volume: float
    hair_side: float
    part: float
    ear: float
    brow_join: float
    eye_shadow: float
    rim_width: float
    rim_height: float
    rim_power: float
    rim_thick: float
    rim: Colour
    moles: float
    freckles: float
    blush: float
    texture_seed: int


def _palette(rng: np.random.Generator, colours: tuple[Colour, ...], spread: float) -> Colour:
    """A colour of the palette, moved a little."""
    red, green, blue = np.clip(colours[rng.integers(len(colours))] * rng.normal(1.0, spread, 3), 0.02, 0.98)
    return float(red), float(green), float(blue)


GENERATION_BITS = 12  # one generation of a pedigree is three hexadecimal digits of the person's number
MUTATION = 0.2  # share of the traits that each later generation draws anew


def draw(person: int) -> Traits:
    """The traits of one person.

    A number below 4096 is a founder, whose traits are all drawn at random. Every three hexadecimal digits that
    follow (0x7a1_03c: founder 0x7a1, then 0x03c) are a descendant that keeps most traits and draws some anew: so
    a cast whose members are far apart can be bred step by step and written down as plain numbers.

    Args:
        person: any integer >= 0; the same integer always gives the same person.
    """
    ancestors = max(person.bit_length() - 1, 0) // GENERATION_BITS
    founder, *later = (person >> (GENERATION_BITS * k) & (1 << GENERATION_BITS) - 1 for k in range(ancestors, -1, -1))
    female = founder % 2 == 1
    traits = _random_traits(np.random.default_rng([founder, 7151]), female)
    for generation in later:
        rng = np.random.default_rng([generation, 7159])
        fresh = _random_traits(rng, female)
        changed = [f.name for f in fields(Traits) if rng.random() < MUTATION]
        traits = replace(traits, **{name: getattr(fresh, name) for name in changed})
    return traits


def _random_traits(rng: np.random.Generator, female: bool) -> Traits:
    """Traits drawn without regard to any other person."""

    def within(low: float, high: float) -> float:
        return low + (high - low) * float(rng.beta(0.5, 0.5))  # U-shaped: striking looks are easier told apart

    age = within(0.0, 1.0)
    styles = HAIR_STYLES[3:] if female else HAIR_STYLES[:5]
    return Traits(
        skin=_palette(rng, SKIN, 0.03),
        hair=_palette(rng, HAIR[4:6] if age > 0.85 else HAIR[:4] + HAIR[6:], 0.05),
        iris=_palette(rng, IRIS, 0.05),
        cloth=_palette(rng, CLOTH, 0.08),
        lip_red=within(0.2, 1.0) if female else within(0.0, 0.4),
        hair_style=str(rng.choice(styles)),
        beard="none" if female else str(rng.choice(BEARDS)),
        glasses=bool(rng.random() < 0.45),
        age=age,
        head_width=within(0.82, 1.18),
        crown=within(-1.6, -1.2),
        chin=within(1.12, 1.5),
        jaw_power=within(1.6, 4.0),
        jaw_root=within(1.2, 2.6),
        top_power=within(2.0, 3.0),
        temple=within(0, 0.14),
        cheek=within(-0.03, 0.13),
        cheek_fat=within(-0.06, 0.16),
        brow_ridge=within(0.0, 0.08) if female else within(0.0, 0.18),
        socket=within(0, 0.2),
        eye_gap=within(0.32, 0.58),
        eye_width=within(0.13, 0.26),
        eye_open=within(0.045, 0.15),
        eye_tilt=within(-0.3, 0.36),
        eye_crease=within(0.0, 1.0),
        eye_bag=within(0.0, 0.5) + 0.5 * age,
        iris_size=within(0.07, 0.115),
        brow_y=within(-0.4, -0.17),
        brow_thick=within(0.012, 0.08) if female else within(0.02, 0.12),
        brow_arch=within(0, 0.15),
        brow_tilt=within(-0.4, 0.4),
        brow_dark=within(0.15, 1.0),
        brow_length=within(0.2, 0.38),
        nose_y=within(0.34, 0.7),
        nose_width=within(0.12, 0.42),
        nose_bridge=within(0.05, 0.18),
        nose_height=within(0.1, 0.42),
        nose_tip=within(0.07, 0.2),
        mouth_y=within(0.22, 0.38),
        mouth_width=within(0.2, 0.52),
        lip_upper=within(0.01, 0.12),
        lip_lower=within(0.02, 0.16),
        lip_bow=within(0.0, 0.5),
        mouth_curve=within(-0.09, 0.1),
        chin_boss=within(0, 0.18),
        chin_cleft=within(0.0, 0.03),
        fold=within(0.0, 0.5) + 0.6 * age,
        hairline=within(-1.15, -0.65),
        hair_volume=within(0.03, 0.36),
        hair_side=within(0.0, 1.0),
        part=within(-0.6, 0.6),
        ear=within(0.06, 0.16),
        brow_join=within(0.0, 0.2) if female else within(0.0, 0.9),
        eye_shadow=within(0.0, 0.7) if female else 0.0,
        rim_width=within(0.24, 0.40),
        rim_height=within(0.14, 0.36),
        rim_power=within(1.9, 5.0),
        rim_thick=within(0.012, 0.055),
        rim=_palette(rng, RIM, 0.05),
        moles=within(0.0, 1.0),
        freckles=within(0.0, 0.25),
        blush=within(0.0, 0.25),
        texture_seed=int(rng.integers(2**31)),
    )


def noise(seed: int, salt: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """White Gaussian noise that belongs to a person: float32 ``shape``, mean 0, standard deviation 1."""
    return np.random.default_rng([seed, salt]).standard_normal(shape, dtype=np.float32)


def toned(colour: Colour, *light: float) -> Colour:
    """The colour under less light: one factor for all, or one each for red, green and blue."""
    red, green, blue = light if len(light) == 3 else light * 3
    return colour[0] * red, colour[1] * green, colour[2] * blue
