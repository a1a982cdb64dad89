"""What a finger comparison's score is worth, as measured.

Source: FVC2002 set B, fingers 101 to 105 of each of its four databases (20 fingers, 160 prints): all 560 pairs of one
finger, and the 2,560 pairs of different fingers of one sensor, as they meet in a deployment; across sensors strangers
reach less. The pairs share fingers, so they are fewer than they look. Beyond one in a hundred strangers the line has
the slope of the last decade of all 12,160 pairs, across sensors too (.0282 at 1e-3, .0398 at one pair): 93 decades per
unit. The 2,560 alone would give 204, and DB4 has pairs that do not follow that. Of all 11,520 pairs within a sensor,
which include fingers 106 to 110, 1e-3 reach .0319 (the line says 2.3e-3) and one reaches .0464 (1.0e-4, as the line
says). Mates of fingers 106 to 110 fall below .025 ten times as often as those of 101 to 105. The extractor's training
prints are unknown and may include this family: a deployment measures its own.
"""

from typing import Final

from services.biometrics.evidence import Calibration

LEADER_MCC16B_1: Final = Calibration(
    model_id="leader-mcc16b-1",
    source="FVC2002 set B, fingers 101-105 of DB1-DB4: 2,560 pairs of strangers, 560 of mates",
    strangers=(
        (0.0148, 0.301),
        (0.0159, 0.5),
        (0.0193, 1.0),
        (0.0227, 1.5),
        (0.0252, 2.0),
    ),
    mates=((0.0191, 2.748), (0.0462, 2.0), (0.0624, 1.5), (0.1018, 1.0), (0.1703, 0.5), (0.2299, 0.301)),
    beyond=93.5,
)
"""Scores of LeaderMccEngine (LSS-R, 0..1)."""

FOREIGN_MCC16B_1: Final = Calibration(
    model_id="foreign-mcc16b-1",
    source="FVC2002 set B, fingers 101-105, NBIS mindtct with LEADER: 5,120 pairs of strangers, 1,120 of mates",
    strangers=(
        (0.0144, 0.301),
        (0.0154, 0.5),
        (0.0182, 1.0),
        (0.021, 1.5),
        (0.0233, 2.0),
        (0.0252, 2.5),
    ),
    mates=((0.0123, 3.049), (0.0152, 2.0), (0.0228, 1.5), (0.0363, 1.0), (0.0666, 0.5), (0.0882, 0.301)),
    beyond=93.5,
)
"""The same scores where a template came as a record (ISO/IEC 19794-2, ANSI INCITS 378): nobody knows whose minutiae.

Measured with one other extractor, NBIS mindtct, against ours; the fall beyond the last knot is that of ours, which is
slower than what these pairs show (220). Strangers do not reach higher than between two of ours; mates stay far lower.
On fingers 106 to 110, 1e-2 of strangers should reach .0233, and 2.7e-3 did; at that score 7.9 % of mates were missed.
With mindtct on both sides the tails are nearly the same. Other makers' extractors were not tried.
"""
