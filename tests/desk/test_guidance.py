"""What the worker is told before the camera."""

import io

from PIL import Image

from services.desk.guidance import look


def test_the_photo_guides_what_to_mend(photo: bytes) -> None:
    with Image.open(io.BytesIO(photo)) as portrait:
        face = portrait.convert("RGB")
    wall = Image.new("RGB", (600, 800), (150, 156, 158))
    small, two, side = wall.copy(), Image.new("RGB", (800, 480), (150, 156, 158)), wall.copy()
    small.paste(face.resize((325, 390)), (137, 200))
    for left in (0, 400):
        two.paste(face, (left, 0))
    side.paste(face, (0, 200))
    dark = Image.eval(face, lambda value: value // 5)
    blurred = face.resize((40, 48)).resize((400, 480))
    expected = {
        "NO_FACE": wall,
        "TOO_SMALL": small,
        "MANY_FACES": two,
        "OFF_CENTRE": side,
        "DARK": dark,
        "BLURRED": blurred,
    }
    for code, image in expected.items():
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=92)
        assert code in look(buffer.getvalue()).codes, code
    assert look(photo).good
