"""XML of devices, read without what makes XML dangerous: no document type, no entities, bounded size and depth.

The standard library's expat is used directly, with every declaration refused; the environment has no defusedxml.
"""

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from services.desk.scanners.scanner import AnswerUnreadableError

_MAX_OCTETS: Final = 1_000_000
_MAX_ELEMENTS: Final = 200
_MAX_DEPTH: Final = 10


@dataclass
class Element:
    """One element: its name, attributes, and the elements inside. Text is not kept."""

    name: str
    attributes: dict[str, str]
    inside: list["Element"] = field(default_factory=list)

    def find(self, name: str) -> "Element | None":
        """The first element of that name directly inside."""
        return next((each for each in self.inside if each.name == name), None)


def read_xml(data: bytes, root: str) -> Element:
    """The document's outermost element.

    Raises:
        AnswerUnreadableError: another root, not well-formed, cut off, too large, or with declarations.
    """
    if len(data) > _MAX_OCTETS:
        raise AnswerUnreadableError("the scanner's answer is too large")
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise AnswerUnreadableError("the scanner's answer is no whole XML") from error
    if reading.root is None or reading.root.name != root:
        raise AnswerUnreadableError(f"the scanner's answer is no {root}")
    return reading.root


class _Reading:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MAX_ELEMENTS or len(self._open) >= _MAX_DEPTH:
            raise AnswerUnreadableError("the scanner's answer has too many elements")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].inside.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()


def _refuse(*_told: object) -> None:
    raise AnswerUnreadableError("the scanner's answer declares a document type; it is not read")
