"""Keys and sealing: signing keys of services and clients, encryption at rest per member state and per subject."""
