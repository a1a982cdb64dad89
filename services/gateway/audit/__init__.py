"""The append-only log of who looked at whom."""
