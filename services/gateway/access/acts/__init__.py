"""Changes of who may come in, asked for by one administrator and confirmed by another."""
