"""Biometrics: faces and fingerprints under opaque ids; no name and no birth date ever enters here."""
