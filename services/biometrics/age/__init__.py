"""Age from a face: where a deployment wants it, and never more than a reason to ask for a birth record."""
