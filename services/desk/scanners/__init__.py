"""Fingerprint scanners of any make, behind one Protocol. Each adapter stands alone; others come as entry points."""
