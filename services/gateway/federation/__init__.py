"""One question to every member state, one answer that says who did not answer."""
