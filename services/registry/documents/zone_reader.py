"""Finds the machine-readable zone in the image of a page and reads it. Loaded in the child process only.

Detector and recogniser are PP-OCRv4's as `rapidocr-onnxruntime` ships them (docs/models.md); the recogniser's answers
are taken over the zone's alphabet alone and placed on the zone's pitch.
"""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidocr_onnxruntime import RapidOCR

from services.registry.documents.zone_cells import Peak, cells, peaks, width_of
from services.registry.documents.zone_grammar import ZoneText, read_zone
from shared.standards.mrz.alphabet import ALPHABET

_LONGEST_SIDE: Final = 1600
_SLIM: Final = 6.0
"""A piece of a zone's line is at least this many times as wide as high."""
_MOST_ROWS: Final = 8
_LOWEST: Final = 6.0
"""Pixels of height below which nothing can be read."""
_LOOKALIKES: Final = {"<": "＜〈《«", "0": "θØ０", "9": "９", "1": "１", "K": "К", "H": "Н", "X": "×Х"}
"""Characters of the recogniser's own that are taken for one of the alphabet."""
_LINES: Final = {30: 3, 36: 2, 44: 2}


@dataclass(frozen=True)
class _Row:
    """A line of text on the page: its quadrilateral, clockwise from the upper left, float32 (4, 2)."""

    corners: NDArray[np.float32]

    @property
    def middle(self) -> float:
        return float(self.corners[:, 1].mean())

    @property
    def height(self) -> float:
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    def cut_out(self, page: NDArray[np.uint8]) -> Any:
        """The line laid straight, uint8 (height, length, 3)."""
        width, height = int(self.length), int(self.height)
        straight = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        return cv2.warpPerspective(page, cv2.getPerspectiveTransform(self.corners, straight), (width, height))


class ZoneReader:
    """Reads zones, one at a time."""

    def __init__(self) -> None:
        self._engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        names: list[str] = self._engine.text_rec.postprocess_op.character
        self._columns = [
            [names.index(c) for c in (each, *_LOOKALIKES.get(each, "")) if c in names] for each in ALPHABET
        ]

    def read(self, page: NDArray[np.uint8]) -> ZoneText | None:
        """The zone of a page, whichever way it lies.

        Args:
            page: uint8 (h, w, 3).

        Returns:
            None when no zone was found.
        """
        scale = _LONGEST_SIDE / max(page.shape[:2])
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small: Any = cv2.resize(page, None, fx=scale, fy=scale, interpolation=how)
        best: ZoneText | None = None
        for turns in (0, 2, 1, 3):
            read = self._read_upright(np.ascontiguousarray(np.rot90(small, turns)))
            if read and (best is None or (read.wrong, -read.confidence) < (best.wrong, -best.confidence)):
                best = read
            if best and best.wrong == 0:
                break
        return best

    def _read_upright(self, page: NDArray[np.uint8]) -> ZoneText | None:
        boxes, _ = self._engine.text_det(page)
        if boxes is None or not len(boxes):
            return None
        rows = _rows([_Row(np.asarray(box, dtype=np.float32)) for box in boxes])
        slim = [row for row in rows if row.length > 3 * _SLIM * row.height][-_MOST_ROWS:]
        seen = [
            (columns, found)
            for row in slim
            if (columns := self._recognise(page, row)) is not None and (found := peaks(columns))
        ]
        return _best(seen)

    def _recognise(self, page: NDArray[np.uint8], row: _Row) -> NDArray[np.float32] | None:
        if row.height < _LOWEST:
            return None
        crop = row.cut_out(page)
        recogniser = self._engine.text_rec
        image = recogniser.resize_norm_img(crop, crop.shape[1] / crop.shape[0])
        seen = recogniser.session(image[np.newaxis].astype(np.float32))[0][0]
        alphabet = [seen[:, columns].max(axis=1) for columns in self._columns]
        stacked: NDArray[np.float32] = np.stack([seen[:, 0], *alphabet], axis=1)
        return stacked


def _rows(boxes: list[_Row]) -> list[_Row]:
    """Pieces of one line joined; from the top of the page to its foot."""
    rows: list[list[_Row]] = []
    for box in sorted((each for each in boxes if each.length > _SLIM * each.height / 3), key=lambda each: each.middle):
        near = next((row for row in rows if _same_line(row[-1], box)), None)
        rows.append([box]) if near is None else near.append(box)
    return [_joined(row) for row in rows]


def _same_line(one: _Row, other: _Row) -> bool:
    first, second = sorted((one, other), key=lambda each: each.corners[0, 0])
    gap = np.linalg.norm(second.corners[0] - first.corners[1])
    apart = abs(second.corners[[0, 3], 1].mean() - first.corners[[1, 2], 1].mean())
    return bool(apart < 0.4 * min(one.height, other.height) and gap < 3 * max(one.height, other.height))


def _joined(row: list[_Row]) -> _Row:
    first, last = min(row, key=lambda r: r.corners[0, 0]), max(row, key=lambda r: r.corners[1, 0])
    return _Row(np.stack([first.corners[0], last.corners[1], last.corners[2], first.corners[3]]))


def _best(seen: list[tuple[NDArray[np.float32], list[Peak]]]) -> ZoneText | None:
    """The likeliest zone among lines that follow one another."""
    widths = [width_of(found) for _, found in seen]
    read = []
    for at, width in enumerate(widths):
        lines = range(at, at + _LINES.get(width or 0, 99))
        if width is None or lines.stop > len(seen) or any(widths[n] not in {width, None} for n in lines):
            continue
        if any(len(seen[n][1]) < width // 2 for n in lines):
            continue
        read.append(read_zone([cells(*seen[n], width) for n in lines]))
    return max((each for each in read if each), key=lambda each: (-each.wrong, each.confidence), default=None)
