"""The package as a file: a plain zip whose octets follow from its parts, so that nothing hides between them."""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Final

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
_NO_ZIP: Final = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, struct.error)
"""What zipfile raises for octets that are no zip."""
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def write_container(parts: Mapping[str, bytes]) -> bytes:
    """The zip of some parts: the manifest and its signature first, then by name; stored, without times or owners.

    Args:
        parts: octets by path.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as container:
        for path in sorted(parts, key=lambda each: (each not in {MANIFEST, SIGNATURE}, each)):
            info = zipfile.ZipInfo(path, _BEGINNING)
            info.create_system, info.external_attr = 3, 0o644 << 16
            container.writestr(info, parts[path])
    return made.getvalue()


def read_container(octets: bytes) -> dict[str, bytes] | None:
    """The parts of a package; None when it is no zip of stored files, each with a name of its own.

    A file whose check sum does not fit is empty here: it is altered, and told to be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as container:
            names = container.namelist()
            stored = all(each.compress_type == zipfile.ZIP_STORED for each in container.infolist())
            return (
                {name: _read(container, name) for name in names} if stored and len(set(names)) == len(names) else None
            )
    except _NO_ZIP:
        return None


def _read(container: zipfile.ZipFile, name: str) -> bytes:
    try:
        return container.read(name)
    except _NO_ZIP:
        return b""


def is_plain(octets: bytes, parts: Mapping[str, bytes]) -> bool:
    """Whether a package holds its parts and nothing besides: no comment, no second directory, no gap."""
    return write_container(parts) == octets
