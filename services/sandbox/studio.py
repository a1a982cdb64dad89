"""Where synthetic workers are photographed and printed: drawn faces, or real photos of a folder that a user names."""

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from services.sandbox.faces import CAST, portray
from services.sandbox.fingers import grow_finger, impress
from services.sandbox.region import Enrolment, Impression, Shot

DPI: Final = 500
_PHOTOS: Final = ("*.jpg", "*.jpeg", "*.png")


class PhotosMissingError(ValueError):
    """The folder of photos has fewer people than the region needs."""


class Studio:
    """Makes the images of enrolments, as files.

    Args:
        photos: folder with a folder per person that holds photos of them; none: drawn faces. Real people's photos
            stay where they are; nothing is copied into the project.

    Raises:
        PhotosMissingError: fewer people with two photos than there are faces in the cast.
    """

    def __init__(self, photos: Path | None = None) -> None:
        self._albums = _albums(photos) if photos else None

    def photo(self, shot: Shot) -> bytes:
        """The file of a photo: the passport portrait for shot 0, else one taken at a desk."""
        if self._albums is not None:
            album = self._albums[CAST.index(shot.person)]
            return album[shot.shot % len(album)].read_bytes()
        return _file(Image.fromarray(portray(shot.person, shot.shot)), "JPEG", quality=92)

    def fingerprint(self, print_: Impression) -> bytes:
        """The PNG of a print, 500 dpi."""
        pixels = impress(grow_finger(print_.finger), print_.impression)
        return _file(Image.fromarray(pixels), "PNG", dpi=(DPI, DPI))

    def images(self, enrolment: Enrolment) -> tuple[bytes, bytes, dict[str, bytes]]:
        """Passport portrait, live photo, and prints by finger position."""
        prints = {position: self.fingerprint(impression) for position, impression in enrolment.fingers.items()}
        return self.photo(enrolment.portrait), self.photo(enrolment.live), prints


def _albums(folder: Path) -> list[list[Path]]:
    people = sorted(path for path in folder.iterdir() if path.is_dir())
    albums = [sorted(file for pattern in _PHOTOS for file in person.glob(pattern)) for person in people]
    whole = [album for album in albums if len(album) > 1]
    if len(whole) < len(CAST):
        raise PhotosMissingError(f"{folder} has {len(whole)} people with two photos; the region needs {len(CAST)}")
    return whole


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
