"""What was captured, kept sealed until the gateway has it."""
