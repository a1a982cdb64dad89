"""Red flags about agencies and employers: reasons to look, for labour inspection alone. Never about a worker."""
