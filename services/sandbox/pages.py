"""Pages of passports and cards that no state issued, drawn and then spoiled as cameras and pockets spoil them.

The characters are drawn one a cell at the pitch of Doc 9303-3 (10 characters an inch). No font of this project is
OCR-B, the font that the standard prescribes: pass one as a file where one is at hand.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DPI: Final = 250
_PITCH: Final = DPI // 10
_SIZES: Final = {44: (4.92, 3.46), 36: (4.13, 2.91), 30: (3.37, 2.13)}
"""Inches of a page by characters in a line: TD3, TD2, TD1 (Doc 9303-4, -6, -5)."""
_INK: Final = 30

Pixels = NDArray[np.uint8]
Spoil = Callable[[Image.Image, np.random.Generator], Image.Image]


def draw_page(zone: str, seed: int, font: Path | None = None) -> Image.Image:
    """A page with a zone at its foot, some print above it and a patterned ground.

    Args:
        zone: lines parted by line feeds.
        seed: of the ground.
        font: a TrueType file for the zone; none: Pillow's own.
    """
    lines = zone.split("\n")
    inches = _SIZES[len(lines[0])]
    size = (int(inches[0] * DPI), int(inches[1] * DPI))
    page = Image.fromarray(_ground(size, np.random.default_rng(seed)))
    pen = ImageDraw.Draw(page)
    _print_fields(pen, size)
    step = int(DPI / 6)
    top = size[1] - int(0.25 * DPI) - step * (len(lines) - 1)
    left = (size[0] - _PITCH * len(lines[0])) // 2 + _PITCH // 2
    for row, line in enumerate(lines):
        for place, character in enumerate(line):
            pen.text((left + place * _PITCH, top + row * step), character, _INK, _font(33, font), anchor="mm")
    return page.convert("RGB")


def file_of(page: Image.Image, quality: int = 85) -> bytes:
    """The JPEG of a page."""
    buffer = BytesIO()
    page.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@cache
def _font(size: int, file: Path | None) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.truetype(file, size) if file else ImageFont.load_default(size)


def _ground(size: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Wavy lines in pale grey, as security print has them."""
    down, across = np.mgrid[: size[1], : size[0]]
    waves = np.sin((down + 12 * np.sin(across / rng.uniform(30, 60))) / rng.uniform(3, 6))
    ground: Pixels = np.clip(228 + 9 * waves + rng.normal(0, 2, waves.shape), 0, 255).astype(np.uint8)
    return ground


def _print_fields(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    pen.rectangle((size[0] * 0.05, size[1] * 0.18, size[0] * 0.28, size[1] * 0.6), fill=150)
    for row, text in enumerate(("PASSPORT / PASPOR", "Name", "Date of birth", "Authority")):
        pen.text((size[0] * 0.34, size[1] * (0.08 + 0.13 * row)), text, 70, _font(28, None))


# ---- what happens to a page on its way -------------------------------------------------------------------------------


def _clean(page: Image.Image, _: np.random.Generator) -> Image.Image:
    return page


def _scan(page: Image.Image, _: np.random.Generator) -> Image.Image:
    return page.resize((page.width * 150 // DPI, page.height * 150 // DPI), Image.Resampling.BILINEAR)


def _jpeg(page: Image.Image, _: np.random.Generator) -> Image.Image:
    return Image.open(BytesIO(file_of(page, 20))).convert("RGB")


def _blur(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 2.5)))


def _noise(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    return _from(np.asarray(page) + rng.normal(0, 25, (page.height, page.width, 1)))


def _tilt(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    return page.rotate(rng.uniform(-5, 5), Image.Resampling.BICUBIC, expand=True, fillcolor=(90, 80, 70))


def _perspective(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Photographed from an angle: the corners wander by up to 6 % of the page, on a dark table."""
    w, h = page.size
    margin = int(0.1 * w)
    table = Image.new("RGB", (w + 2 * margin, h + 2 * margin), (70, 62, 55))
    table.paste(page, (margin, margin))
    corners = np.array([(0, 0), (0, table.height), (table.width, table.height), (table.width, 0)], dtype=float)
    moved = corners + rng.uniform(-0.06, 0.06, (4, 2)) * (w, h)
    return table.transform(
        table.size, Image.Transform.PERSPECTIVE, _homography(corners, moved), Image.Resampling.BICUBIC
    )


def _shadow(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    across = np.linspace(0, 1, page.width)[None, :, None]
    edge, dark = rng.uniform(0.3, 0.7), rng.uniform(0.35, 0.5)
    return _from(np.asarray(page) * (1 - dark / (1 + np.exp(-(across - edge) * 30))))


def _glare(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A lamp on the laminate: a bright spot upon part of the zone."""
    down, across = np.mgrid[: page.height, : page.width]
    at, radius = (rng.uniform(0.2, 0.8) * page.width, rng.uniform(0.75, 1.0) * page.height), 0.18 * page.width
    spot = np.exp(-((across - at[0]) ** 2 + (down - at[1]) ** 2) / radius**2)[:, :, None]
    return _from(np.asarray(page) + rng.uniform(90, 160) * spot)


def _wear(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Scratches, and print that has come off in specks."""
    pixels = np.asarray(page).copy()
    pixels[rng.random(pixels.shape[:2]) < 0.04] = 225
    worn = Image.fromarray(pixels)
    pen = ImageDraw.Draw(worn)
    for _ in range(12):
        start = (rng.uniform(0, page.width), rng.uniform(0.6, 1) * page.height)
        pen.line((*start, start[0] + rng.normal(0, 90), start[1] + rng.normal(0, 40)), fill=(215, 215, 210), width=2)
    return worn


def _upside_down(page: Image.Image, _: np.random.Generator) -> Image.Image:
    return page.rotate(180)


def _phone(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What a phone makes of it in a poor room: angle, shadow, blur, noise and compression together."""
    spoiled = _shadow(_perspective(page, rng), rng).filter(ImageFilter.GaussianBlur(1.0))
    noisy = _from(np.asarray(spoiled) + rng.normal(0, 10, (spoiled.height, spoiled.width, 1)))
    return Image.open(BytesIO(file_of(noisy, 50))).convert("RGB")


SPOILS: Final[dict[str, Spoil]] = {
    "clean": _clean,
    "scan at 150 dpi": _scan,
    "jpeg quality 20": _jpeg,
    "blur": _blur,
    "noise": _noise,
    "tilt up to 5 degrees": _tilt,
    "perspective": _perspective,
    "shadow": _shadow,
    "glare": _glare,
    "wear": _wear,
    "upside down": _upside_down,
    "phone": _phone,
}
"""What can happen to a page, by name."""


def _from(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _homography(corners: NDArray[np.floating], moved: NDArray[np.floating]) -> list[float]:
    """The eight coefficients with which Pillow takes each pixel from where `moved` says."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(each) for each in np.linalg.solve(np.array(rows), np.array(values))]
