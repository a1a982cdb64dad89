"""Lists in and out: FollowTheMoney JSON lines, CSV with a mapping, deltas."""
