"""Parties: who employs, recruits, owns and directs, and how they are linked."""
