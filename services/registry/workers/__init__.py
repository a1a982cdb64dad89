"""Workers: registration, what the checks point at, and who may see it."""
