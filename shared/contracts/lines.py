"""Short texts that every record is made of, and what may stand in them."""

from typing import Annotated

from pydantic import StringConstraints

RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""An id that the recording system gives: it survives a re-import."""

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""One line of text in any script, without control characters."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a document, hexadecimal: the document itself stays with whoever issued it."""
