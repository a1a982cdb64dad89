"""Which minutiae of two prints a comparison took for the same: shown to people who decide, kept nowhere."""
