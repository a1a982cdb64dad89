"""Portraits of people who do not exist, drawn by a small renderer of our own.

A person is a number. ``portray`` draws that person's passport portrait or a live photo: a shaded head with some
sixty traits, seen with a little pose, expression, light, framing, colour and sensor noise. ``CAST`` lists
people who were bred to be told apart by dlib's 128-D face embedding (see `services.sandbox.faces.traits.draw`).

Good for: demonstrations and tests of the plumbing (enrol, extract, find the double, refer), without a photo of
any real person. Not good for: any claim of accuracy, thresholds, bias or liveness. The cast was chosen with a
recogniser in the loop, its live photos are far easier than real ones, and drawn faces lie outside what
recognisers were trained on; a different engine may detect or separate them less well.
"""

import numpy as np
from numpy.typing import NDArray

from services.sandbox.faces import camera, portrait, traits
from services.sandbox.faces.surface import skew

SKEW = 0.02  # head units: enough for no face to be symmetric

CAST: tuple[int, ...] = (
    0xDEE8A4AF2B0A9B,
    0x284E6398,
    0x603F1E8C26EE9E835929948,
    0x6CE785FDBD1C4C2D2,
    0xFF11A43A6B0,
    0x8C9F76D0CA1,
    0x1AB14EF3627F7E88180926862DAB4,
    0x93939F1CE28824BD8,
    0xA2D4EB2D,
    0xF8B9CE63A78,
    0x71188521A17CCE7AAAAC529,
    0x284E6398BCEAEF,
    0xC6001,
    0x599CD1C15B2DADE86,
    0xD144D4DE74C,
    0xF3E3C34A00E9E9,
    0x64635B313A021DB0528B1A1A196B1,
    0x2C3CA,
    0x5D464EED4AB7E1095,
    0xAAC571E244B38C,
    0x784AF0F9,
    0xD4B28B19BF1,
    0x26EEA497258C00,
    0xB6B64465,
    0xB3EE0C7A8A6F7B6ED,
    0x453296B8BBF,
    0xC3865D28F21F472794B9F0E,
    0xE28D11D3B24AABE7F,
    0xE8CA1F2C,
    0xD6B28C28041761BA065B261,
    0x35C96A83B05,
    0xF50825A21906F3,
    0xB1CACAC8BE71C5,
    0xC5F04,
    0x6CE785FDBD1C4C2D2AF0,
    0x284E6398BCEAEFB32D2C,
    0x31C7E93BE8516A32A92C8D16D7,
    0x67FEFCB2A363AC416C2B8BE999,
    0xE28D11D3ED8,
    0xA9030EFE668,
    0xAD798F0EDDDC34BF0416,
    0x7E62671A56E6FB,
    0x75AEAEC358F0DC,
    0xE28D11D3B24C62,
    0x93939F1CE28824,
    0x838AA91E309C0F508646CA3,
    0xF038CC4E,
    0xC3865D28F21F472794B9F0EEEC6CC,
)
"""Mutually distinct people, the most distinct first: take a shorter cast from the front.

Measured as L2 of dlib's embedding, whose customary rule for one person is < 0.6. Shots 0 to 4, which took part in
the choice: one person at most 0.28, two persons at least 0.53 (the first 20: 0.61). Shots 5 to 7, which did not:
at most 0.42 and at least 0.49 (0.57). So a demonstration that uses dlib wants a threshold near 0.45.
"""


def portray(person: int, shot: int) -> NDArray[np.uint8]:
    """Take one photo of one synthetic person.

    Args:
        person: any integer >= 0, best one of ``CAST``; the same number is always the same person.
        shot: 0 is the passport portrait, 1 and up are live photos.

    Returns:
        uint8 (480, 400, 3), RGB, one face about 200 pixels wide; the same for the same arguments.
    """
    looks, plan = traits.draw(person), camera.plan(person, shot)
    image, z = portrait.compose(looks, plan.look, plan.light, plan.wall)
    return camera.expose(image, z, skew(looks.texture_seed, SKEW), plan)
