"""Cases: how far the law has got with a party, and what may be said of it."""
