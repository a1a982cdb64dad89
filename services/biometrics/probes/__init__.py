"""Templates of another member's person: compared and forgotten."""
