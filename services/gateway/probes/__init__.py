"""Hit or no hit between members: templates and numbers go out sealed, references come back; content by approval."""
