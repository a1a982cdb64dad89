"""The documents' room: pages, chips, seals, portraits and lists of lost documents, and where they contradict."""
