"""Persons and their encounters: what was captured, kept sealed, written and erased as a whole (OSIA CRUD)."""
