"""Lindung: the rooms of the safeguard, one package each."""
