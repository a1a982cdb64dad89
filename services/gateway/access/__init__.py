"""Who may ask what: clients, tokens, purposes, policy."""
