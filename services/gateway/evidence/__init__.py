"""Evidence packages: originals, who had them when, proofs of the log, signed; verified without asking anybody."""
