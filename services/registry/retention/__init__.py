"""Erases what support cases, claims and payments held of people when their time is over."""
