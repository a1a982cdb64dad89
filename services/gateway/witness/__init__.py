"""Members watch each other's logs: two heads that do not fit are an alarm that nobody can explain away."""
