"""Synthetic people and data for demonstrations and tests; nothing here is about a real person."""
