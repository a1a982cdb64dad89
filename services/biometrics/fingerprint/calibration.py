"""What a finger comparison's score is worth, as measured.

Source: FVC2002 set B, fingers 101 to 105 of each of its four databases (20 fingers, 160 prints): all 560 pairs of one
finger and all 12,160 pairs of different ones, across sensors too. The pairs share fingers, so they are fewer than they
look. The prints of fingers 106 to 110 gave the same knots to within a tenth of a decade for strangers; their mates
fall below .025 ten times as often. Beyond one pair in all (4.085) the line is continued with the slope of its last
stretch up to 6, and a higher score is worth no more. The extractor's training prints are unknown and may include this
family: a deployment measures its own.
"""

from typing import Final

from services.biometrics.evidence import Calibration

LEADER_MCC16B_1: Final = Calibration(
    model_id="leader-mcc16b-1",
    source="FVC2002 set B, fingers 101-105 of DB1-DB4: 12,160 pairs of strangers, 560 of mates",
    strangers=(
        (0.0144, 0.301),
        (0.0153, 0.5),
        (0.0174, 1.0),
        (0.0197, 1.5),
        (0.0226, 2.0),
        (0.0252, 2.5),
        (0.0282, 3.0),
        (0.0398, 4.085),
        (0.0603, 6.0),
    ),
    mates=((0.0191, 2.748), (0.0462, 2.0), (0.0624, 1.5), (0.1018, 1.0), (0.1703, 0.5), (0.2299, 0.301)),
)
"""Scores of LeaderMccEngine (LSS-R, 0..1)."""
