"""Fingerprints: minutiae by the LEADER network, compared with Minutia Cylinder-Code, one to one and one to many."""
