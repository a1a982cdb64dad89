"""People who sign in: the built-in provider, and what both ways of signing in end in."""
