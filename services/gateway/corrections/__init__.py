"""What is so no longer, on its way to everybody who received it, until they acknowledge it."""
