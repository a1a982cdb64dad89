"""Image intake: every format read, every kind of bad image refused, nothing else ever raised."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import wsq  # noqa: F401 - registers Pillow's WSQ writer, used to make test files
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from PIL.ImageCms import ImageCmsProfile, createProfile
from PIL.PngImagePlugin import PngInfo

from services.biometrics.images import (
    PHOTO_LIMITS,
    PRINT_LIMITS,
    ImageRefusedError,
    Limits,
    Refusal,
    open_photo,
    open_print,
)

MEDIA_TYPES = {
    "WSQ": "image/x-wsq",
    "PNG": "image/png",
    "BMP": "image/bmp",
    "JPEG2000": "image/jp2",
    "TIFF": "image/tiff",
    "JPEG": "image/jpeg",
}
PHOTO_KINDS = ("JPEG", "PNG", "JPEG2000", "WEBP", "BMP")


def encoded(image, kind, **options):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.save(out, kind, **options)
    return out.getvalue()


def colours(height=120, width=160):
    """A smooth gradient whose top left corner is red, top right green, bottom left blue."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    planes = np.stack([(1 - x) * (1 - y), x * (1 - y), y * (1 - x)], axis=-1)
    return Image.fromarray((planes * 255).astype(np.uint8))


def ridges(height=160, width=140):
    y, x = np.mgrid[:height, :width]
    return Image.fromarray((128 + 90 * np.sin(np.hypot(x - 70, y - 220) / 1.4)).astype(np.uint8))


def refusal(call, *args, **kwargs):
    with pytest.raises(ImageRefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.reason


PHOTO_FILES = {kind: encoded(colours(), kind) for kind in PHOTO_KINDS}
PRINT_FILES = {kind: encoded(ridges(), kind) for kind in MEDIA_TYPES}


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_a_photo_of_each_format_gives_its_pixels(kind):
    rgb = open_photo(PHOTO_FILES[kind])
    assert rgb.shape == (120, 160, 3)
    assert rgb.dtype == np.uint8
    assert np.abs(rgb.astype(int) - np.asarray(colours())).mean() < 4


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_a_print_of_each_format_gives_its_pixels_and_its_real_type(kind):
    finger = open_print(PRINT_FILES[kind])
    assert finger.pixels.shape == (160, 140)
    assert finger.pixels.dtype == np.uint8
    assert np.abs(finger.pixels.astype(int) - np.asarray(ridges())).mean() < 10
    assert finger.media_type == MEDIA_TYPES[kind]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_upright(kind, orientation):
    stored_from_upright = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    turn = stored_from_upright.get(orientation)
    stored = colours() if turn is None else colours().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb = open_photo(encoded(stored, kind, exif=exif, quality=95))
    assert np.abs(rgb.astype(int) - np.asarray(colours())).mean() < 4


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_a_large_photo_is_scaled_down_and_keeps_its_shape(kind):
    limits = Limits(file_bytes=10**7, pixels=10**7, longest_px=300, shortest_px=64)
    rgb = open_photo(encoded(colours(900, 1200), kind), limits)
    assert rgb.shape == (225, 300, 3)
    assert np.abs(rgb.astype(int) - np.asarray(colours(225, 300))).mean() < 4


def test_transparent_pixels_do_not_reach_the_matcher():
    image = colours().convert("RGBA")
    image.putalpha(0)
    assert (open_photo(encoded(image, "PNG")) == 255).all()
    assert (open_print(encoded(image, "PNG")).pixels == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_photos_of_every_usual_pixel_kind_are_read(mode):
    source = ridges().convert("I").point(lambda v: v * 257) if mode == "I;16" else ridges()
    data = encoded(source.convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    difference = open_photo(data).mean(axis=2) - np.asarray(ridges())
    assert abs(difference.mean()) < 4
    assert mode == "1" or np.abs(difference).mean() < 4  # black and white: dithered, right on average


def test_samples_that_have_no_brightness_scale_are_refused():
    data = encoded(ridges().convert("F"), "TIFF")
    assert refusal(open_print, data) is Refusal.UNSUPPORTED_PIXELS


@pytest.mark.parametrize(
    ("kind", "in_file", "argument", "expected"),
    [
        ("PNG", 1000, None, 1000),
        ("TIFF", 569, None, 569),
        ("BMP", 512, None, 512),
        ("JPEG", 508, None, 508),
        ("PNG", 1000, 500, 500),
        ("PNG", 72, None, 500),
        ("JPEG", 96, 569, 569),
        ("PNG", None, None, 500),
    ],
)
def test_resolution_comes_from_the_scanner_then_a_plausible_file_then_the_standard(kind, in_file, argument, expected):
    options = {} if in_file is None else {"dpi": (in_file, in_file)}
    assert open_print(encoded(ridges(), kind, **options), dpi=argument).dpi == expected


def test_a_resolution_that_differs_between_directions_is_not_believed():
    assert open_print(encoded(ridges(), "PNG", dpi=(1000, 500))).dpi == 500


def test_the_resolution_in_a_wsq_comment_is_read():
    data = PRINT_FILES["WSQ"].replace(b"PPI 500", b"PPI 569")
    assert open_print(data).dpi == 569


@pytest.mark.parametrize("dpi", [0, -500, 249, 1201])
def test_an_absurd_stated_resolution_is_refused(dpi):
    assert refusal(open_print, PRINT_FILES["PNG"], dpi=dpi) is Refusal.IMPLAUSIBLE_RESOLUTION


def test_too_many_bytes():
    limits = Limits(file_bytes=100, pixels=10**6, longest_px=None, shortest_px=1)
    assert refusal(open_photo, PHOTO_FILES["PNG"], limits) is Refusal.TOO_MANY_BYTES
    assert refusal(open_print, PRINT_FILES["WSQ"], limits) is Refusal.TOO_MANY_BYTES


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_too_many_pixels_is_known_from_the_header(kind):
    cut = PHOTO_FILES[kind] if kind == "WEBP" else PHOTO_FILES[kind][:1000]
    limits = Limits(file_bytes=10**6, pixels=120 * 160 - 1, longest_px=None, shortest_px=1)
    assert refusal(open_photo, cut, limits) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize("size", [(63, 200), (200, 63)])
def test_too_small(size):
    photo, finger = Image.new("RGB", size), Image.new("L", size)
    assert refusal(open_photo, encoded(photo, "PNG")) is Refusal.TOO_SMALL
    assert refusal(open_print, encoded(finger, "PNG")) is Refusal.TOO_SMALL
    assert refusal(open_print, encoded(finger, "WSQ")) is Refusal.TOO_SMALL


def test_a_strip_that_scaling_would_make_too_small():
    assert refusal(open_photo, encoded(Image.new("L", (20_000, 100)), "PNG")) is Refusal.TOO_SMALL


@pytest.mark.parametrize("data", [b"", b"\xff", b"<svg/>", b"%PDF-1.7", b"GIF89a" + bytes(200), bytes(1000)])
def test_other_formats(data):
    assert refusal(open_photo, data) is Refusal.UNKNOWN_FORMAT
    assert refusal(open_print, data) is Refusal.UNKNOWN_FORMAT


def test_a_format_of_the_other_kind_is_unknown():
    assert refusal(open_photo, PRINT_FILES["WSQ"]) is Refusal.UNKNOWN_FORMAT
    assert refusal(open_photo, PRINT_FILES["TIFF"]) is Refusal.UNKNOWN_FORMAT
    assert refusal(open_print, PHOTO_FILES["WEBP"]) is Refusal.UNKNOWN_FORMAT


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animated_photo(kind):
    data = encoded(colours(), kind, save_all=True, append_images=[colours().rotate(90)])
    assert refusal(open_photo, data) is Refusal.SEVERAL_FRAMES


def test_a_tiff_of_several_pages():
    data = encoded(ridges(), "TIFF", save_all=True, append_images=[ridges()])
    assert refusal(open_print, data) is Refusal.SEVERAL_FRAMES


def test_a_telephones_jpeg_with_an_appended_preview_gives_its_first_picture():
    data = encoded(colours(), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 80))])
    assert open_photo(data).shape == (120, 160, 3)


@pytest.mark.parametrize("kind", PHOTO_KINDS)
def test_a_photo_cut_in_half(kind):
    data = PHOTO_FILES[kind]
    assert refusal(open_photo, data[: len(data) // 2]) is Refusal.DAMAGED


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_a_print_cut_in_half(kind):
    data = PRINT_FILES[kind]
    assert refusal(open_print, data[: len(data) // 2]) is Refusal.DAMAGED


def png(*chunks):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*pair) for pair in chunks)


def test_a_png_that_would_fill_the_memory():
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    data = png((b"IHDR", header), (b"IDAT", zlib.compress(bytes(10**6))), (b"IEND", b""))
    assert refusal(open_photo, data) is Refusal.TOO_MANY_PIXELS
    assert refusal(open_print, data) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_png_whose_side_data_would_fill_the_memory(kind):
    packed = zlib.compress(bytes(200 * 2**20), 9)
    middle = b"\x01\x00\x00\x00" if kind == b"iTXt" else b"\x00"
    header = struct.pack(">IIBBBBB", 100, 100, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(101 * 100))
    data = png((b"IHDR", header), (kind, b"bomb\x00" + middle + packed), (b"IDAT", rows), (b"IEND", b""))
    assert refusal(open_photo, data) is Refusal.DAMAGED


def test_a_modest_text_chunk_is_no_bomb():
    note = PngInfo()
    note.add_text("Software", "scanner", zip=True)
    assert open_print(encoded(ridges(), "PNG", pnginfo=note)).pixels.shape == (160, 140)


def test_a_wsq_that_claims_to_be_huge():
    data = bytearray(PRINT_FILES["WSQ"])
    at = data.index(b"\xff\xa2")
    data[at + 6 : at + 10] = b"\xff\xff\xff\xff"
    assert refusal(open_print, bytes(data)) is Refusal.TOO_MANY_PIXELS


def test_a_webp_canvas_that_would_fill_the_memory():
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + b"\xff\xff\x00" * 2
    data = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    assert refusal(open_photo, data) is Refusal.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 80}, {"icc_profile": ImageCmsProfile(createProfile("sRGB")).tobytes()}]
)
def test_the_three_kinds_of_webp_header_give_their_size(options):
    data = encoded(colours(), "WEBP", **options)
    assert open_photo(data).shape == (120, 160, 3)
    limits = Limits(file_bytes=10**6, pixels=120 * 160 - 1, longest_px=None, shortest_px=1)
    assert refusal(open_photo, data, limits) is Refusal.TOO_MANY_PIXELS


def test_a_progressive_jpeg_with_endless_scans():
    data = encoded(colours(), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    assert open_photo(data).shape == (120, 160, 3)
    assert refusal(open_photo, data[:-2] + scan * 200 + data[-2:]) is Refusal.TOO_MANY_SCANS


def damaged(data, edits, keep):
    changed = bytearray(data)
    for at, value in edits:
        changed[int(at * (len(changed) - 1))] = value
    return bytes(changed[: max(1, int(keep * len(changed)))])


SHARE = st.floats(0, 1)
EDITS = st.lists(st.tuples(SHARE | st.floats(0, 0.05), st.integers(0, 255)), max_size=8)
KEEP = st.just(1.0) | SHARE


@pytest.mark.parametrize("kind", PHOTO_KINDS)
@settings(max_examples=120, deadline=None)
@given(edits=EDITS, keep=KEEP)
def test_a_damaged_photo_is_refused_or_read_but_never_anything_else(kind, edits, keep):
    try:
        rgb = open_photo(damaged(PHOTO_FILES[kind], edits, keep), PHOTO_LIMITS)
    except ImageRefusedError:
        return
    assert rgb.ndim == 3
    assert max(rgb.shape) <= 1600


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG2000", "TIFF", "JPEG"])
@settings(max_examples=120, deadline=None)
@given(edits=EDITS, keep=KEEP)
def test_a_damaged_print_is_refused_or_read_but_never_anything_else(kind, edits, keep):
    try:
        finger = open_print(damaged(PRINT_FILES[kind], edits, keep), PRINT_LIMITS)
    except ImageRefusedError:
        return
    assert finger.pixels.ndim == 2
    assert 250 <= finger.dpi <= 1200


@settings(max_examples=60, deadline=None)
@given(edits=EDITS, keep=KEEP)
def test_a_damaged_wsq_never_ends_the_process(edits, keep):
    try:
        finger = open_print(damaged(PRINT_FILES["WSQ"], edits, keep))
    except ImageRefusedError:
        return
    assert finger.pixels.ndim == 2


@settings(max_examples=200, deadline=None)
@given(tail=st.binary(max_size=300), kind=st.sampled_from(sorted({*PHOTO_KINDS, "TIFF"})))
def test_noise_behind_a_good_mark_is_refused(tail, kind):
    start = {**PRINT_FILES, **PHOTO_FILES}[kind][:16] + tail
    with pytest.raises(ImageRefusedError):
        open_photo(start)
    with pytest.raises(ImageRefusedError):
        open_print(start)


def test_half_an_image_is_none_whatever_another_package_allows(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = PHOTO_FILES["JPEG"]
    assert refusal(open_photo, data[: len(data) // 2]) is Refusal.DAMAGED
