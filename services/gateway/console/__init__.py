"""The web console: pages for people, over the gateway's own doors. It reads and writes nothing but through them."""
