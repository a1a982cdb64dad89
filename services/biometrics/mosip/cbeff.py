"""CBEFF documents: biometric information records in XML, as MOSIP shares them.

Source: ISO/IEC 19785-3, patron format of ISO/IEC JTC 1/SC 37 (identifier 257), XML encoding; block types as registered
with IBIA: 2 minutiae, 7 finger image, 8 face image, 9 iris image. MOSIP writes the type into `Format/Type` (documents
before 2021: 257) and `Mosip` or `257` into `Format/Organization`.

Documents come from outside: no document type, no entity, bounded size, depth, number of elements and of blocks.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final
from xml.parsers import expat

from services.biometrics.mosip.refusals import CbeffError, MosipRefusedError
from shared.contracts.mosip import FailureReason
from shared.contracts.osia import MAX_ITEMS

NAMESPACE: Final = "http://standards.iso.org/iso-iec/19785/-3/ed-2/"
MAX_BYTES: Final = 24 * 2**20
"""Of a document: ten prints at 1,000 dpi and a face without loss have room."""

MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 5_000

_PATRON = "257"
_ORGANISATIONS: Final = frozenset({"mosip", _PATRON})
_SEPARATOR = " "
_RECORD = "BIR"
_ORGANISATION, _TYPE, _MODALITY, _SUBTYPE, _BLOCK = (
    "BDBInfo/Format/Organization",
    "BDBInfo/Format/Type",
    "BDBInfo/Type",
    "BDBInfo/Subtype",
    "BDB",
)
_WANTED: Final = frozenset({_ORGANISATION, _TYPE, _MODALITY, _SUBTYPE, _BLOCK})


class BlockType(IntEnum):
    """What a biometric data block is."""

    MINUTIAE = 2
    FINGER_IMAGE = 7
    FACE_IMAGE = 8
    IRIS_IMAGE = 9


_OF_MODALITY: Final = {
    "Finger": BlockType.FINGER_IMAGE,
    "Face": BlockType.FACE_IMAGE,
    "Iris": BlockType.IRIS_IMAGE,
}


@dataclass(frozen=True)
class Block:
    """One biometric data block.

    Attributes:
        type: what it is.
        subtype: words such as `Right IndexFinger`; empty when the record does not say.
        data: the block itself; empty where there was nothing to capture.
    """

    type: BlockType
    subtype: str
    data: bytes


def read_cbeff(document: bytes) -> tuple[Block, ...]:
    """All blocks of a document, at least one with data.

    Raises:
        CbeffError: it is none, holds what is not taken, or goes beyond a bound.
        MosipRefusedError: CBEFF_EMPTY, it holds no data at all.
    """
    if not document.strip():
        raise MosipRefusedError(FailureReason.CBEFF_EMPTY, "an empty document")
    if len(document) > MAX_BYTES:
        raise CbeffError("the document is too long")
    records = _Records()
    try:
        records.parser.Parse(document, True)
    except expat.ExpatError as error:
        raise CbeffError("the document is not well-formed") from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise CbeffError("the document cannot be decoded") from error
    blocks = tuple(_block(record) for record in records.found)
    if not any(block.data for block in blocks):
        raise MosipRefusedError(FailureReason.CBEFF_EMPTY, "no block has data")
    return blocks


class _Records:
    """What expat calls; keeps the wanted texts of each record."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._path: list[str] = []
        self._open: list[tuple[int, dict[str, str]]] = []
        self._elements = 0
        self._text: list[str] | None = None
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        for name in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler"):
            setattr(self.parser, name, _refuse_declaration)

    def _start(self, name: str, _attributes: Any) -> None:
        space, _, local = name.rpartition(_SEPARATOR)
        if not self._path and (space, local) != (NAMESPACE, _RECORD):
            raise CbeffError("the document is no biometric information record")
        if self._text is not None:
            raise CbeffError("an element stands where a value has to")
        self._elements += 1
        self._path.append(local if space == NAMESPACE else "")
        if len(self._path) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise CbeffError("the document is nested too deep, or has too many elements")
        if self._path[-1] == _RECORD:
            self._open.append((len(self._path), {}))
        self._text = [] if self._place() in _WANTED else None

    def _end(self, _name: str) -> None:
        place, (depth, record) = self._place(), self._open[-1]
        if self._text is not None:
            if place in record:
                raise CbeffError(f"a record has {place} twice")
            record[place] = "".join(self._text)
        self._text = None
        if len(self._path) == depth:
            self._close(record)
        self._path.pop()

    def _close(self, record: dict[str, str]) -> None:
        self._open.pop()
        if record:
            self.found.append(record)
        if len(self.found) > MAX_ITEMS:
            raise CbeffError(f"the document has more than {MAX_ITEMS} records")

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _place(self) -> str:
        """Where we are inside the innermost open record."""
        return "/".join(self._path[self._open[-1][0] :])


def _refuse_declaration(*_: Any) -> int:
    raise CbeffError("a document type or an entity is declared")


def _block(record: dict[str, str]) -> Block:
    if record.get(_ORGANISATION, "").strip().casefold() not in _ORGANISATIONS:
        raise CbeffError("a block is of another organisation's format")
    try:
        data = base64.b64decode("".join(record.get(_BLOCK, "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CbeffError("a block is not base64") from error
    return Block(_type(record), " ".join(record.get(_SUBTYPE, "").split()), data)


def _type(record: dict[str, str]) -> BlockType:
    named = record.get(_TYPE, "").strip()
    if named == _PATRON:  # as MOSIP wrote it at first: the patron's number, and the modality beside it
        found = _OF_MODALITY.get(record.get(_MODALITY, "").strip())
    else:
        found = next((each for each in BlockType if named == str(each.value)), None)
    if found is None:
        raise CbeffError("a block is of a type that is not taken here")
    return found
