"""How the service does: calibrations in force, sizes of indexes, memory."""
