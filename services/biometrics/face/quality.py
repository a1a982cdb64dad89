"""Four cheap quality elements of ISO/IEC 29794-5, measured on the face as it was found."""

import numpy as np
from numpy.typing import NDArray

POOR_BELOW = {
    "interEyeDistance": 40.0,
    "sharpness": 25.0,
    "dynamicRange": 80.0,
    "headPoseYaw": 60.0,
    "unifiedQualityScore": 38.0,
}
"""Component value under which an element is named as poor.

On LFW (1,601 photos of 26 pixels between the eyes) the 5th percentiles are 24, 21, 85, 69 and, of the score that only
some networks give, 38. The first four tell the operator what to mend; as predictors of an error they are weak:
rejecting the worst 10 % of pairs lifts the true accept rate at FMR 1e-4 from 85.8 to 87.1 % (dlib-resnet-v1), the
worst by pose from 97.5 to 97.9 % (faceplugin-fr-1). What a network says of its own answer is strong: to 98.9 %.
"""

_FULL_INTER_EYE_PX = 90.0
_SHARPNESS_LOG10 = (0.5, 3.0)
_NOSE_DEPTH = 0.35


def luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness as the eye weighs it.

    Args:
        rgb: uint8 (h, w, 3).

    Returns:
        float32 (h, w), 0..255.
    Source: ITU-R BT.601 weights.
    """
    return (rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)).astype(np.float32)


def inter_eye_distance(distance_px: float) -> float:
    """100 at the 90 pixels that ICAO Doc 9303 part 9 asks of a travel document's portrait; linear below."""
    return float(np.clip(100.0 * distance_px / _FULL_INTER_EYE_PX, 0.0, 100.0))


def dynamic_range(grey: NDArray[np.float32]) -> float:
    """Entropy of the brightness histogram, 8 bits being 100.

    Source: ISO/IEC 29794-5, dynamic range: 12.5 x entropy in bits.
    """
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    share = counts[counts > 0] / grey.size
    return float(np.clip(-12.5 * np.sum(share * np.log2(share)), 0.0, 100.0))


def sharpness(chip_grey: NDArray[np.float32]) -> float:
    """How much fine detail an aligned face of fixed size shows: log of the variance of its Laplacian.

    Args:
        chip_grey: float32 (n, n), the aligned face; a fixed size makes photos of any size comparable.

    Returns:
        0..100; our own scale (the standard's needs a trained model).
    """
    c = chip_grey
    laplacian = c[:-2, 1:-1] + c[2:, 1:-1] + c[1:-1, :-2] + c[1:-1, 2:] - 4 * c[1:-1, 1:-1]
    low, high = _SHARPNESS_LOG10
    return float(np.clip(100 * (np.log10(laplacian.var() + 1e-6) - low) / (high - low), 0.0, 100.0))


def head_pose_yaw(points: NDArray[np.float64]) -> float:
    """How straight the head looks into the camera: squared cosine of its turn to the side, 100 being straight.

    The turn is read from how far the base of the nose lies beside the middle between the eyes, taking it to stand
    _NOSE_DEPTH inter-eye distances before them; rough, as five points are.

    Args:
        points: float64 (5, 2), as FoundFace has them.

    Source: the scale is that of ISO/IEC 29794-5, head pose.
    """
    one, other = points[:2].mean(axis=0), points[2:4].mean(axis=0)
    across = one - other
    beside = np.dot(points[4] - (one + other) / 2, across) / max(float(np.dot(across, across)), 1.0)
    return float(100 / (1 + (beside / _NOSE_DEPTH) ** 2))


def assess(chip: NDArray[np.uint8], inter_eye_px: float, points: NDArray[np.float64]) -> dict[str, float]:
    """Every element's component value, by the standard's name for it.

    Args:
        chip: uint8 (n, n, 3), the aligned face.
        inter_eye_px: distance between the eyes' centres in the photo.
        points: float64 (5, 2), four eye corners and the base of the nose.

    Returns:
        Element name to 0..100, more is better.
    """
    grey = luminance(chip)
    return {
        "interEyeDistance": inter_eye_distance(inter_eye_px),
        "sharpness": sharpness(grey),
        "dynamicRange": dynamic_range(grey),
        "headPoseYaw": head_pose_yaw(points),
    }


def poor(elements: dict[str, float]) -> tuple[str, ...]:
    """Names of the elements under their limit, worst first."""
    low = [name for name, value in elements.items() if value < POOR_BELOW[name]]
    return tuple(sorted(low, key=lambda name: elements[name]))
