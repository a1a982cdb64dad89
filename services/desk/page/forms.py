"""A page's form, read without ever touching the disk."""

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

MAX_OCTETS: Final = 24_000_000
_LONGEST: Final = 2_000


class FormUnreadableError(Exception):
    """A form that the page would not send."""


@dataclass(frozen=True, repr=False)
class Form:
    """What was typed, and what was chosen as a file."""

    texts: dict[str, str]
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """A field's text without blanks around it; empty when it is not there."""
        return self.texts.get(name, "")


class _InMemory(MultiPartParser):
    """Uploads stay in memory: a photo in a temporary file could be read from the disk later."""

    spool_max_size = MAX_OCTETS + 1


async def read_form(request: Request) -> Form:
    """Fields and files; a file input that nothing was chosen for is not there.

    Raises:
        FormUnreadableError: it cannot be read.
    """
    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith("multipart/form-data"):
            parser = _InMemory(request.headers, request.stream(), max_files=10, max_fields=100, max_part_size=100_000)
            data = await parser.parse()
        else:
            data = await request.form(max_files=0, max_fields=100)
    except MultiPartException as error:
        raise FormUnreadableError("the form cannot be read") from error
    try:
        texts = {name: value.strip()[:_LONGEST] for name, value in data.items() if isinstance(value, str)}
        uploads = {name: await value.read() for name, value in data.items() if isinstance(value, UploadFile)}
    finally:
        await data.close()
    return Form(texts, {name: content for name, content in uploads.items() if content})
