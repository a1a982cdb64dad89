"""The command line: starts the services, and does what the API does by calling it."""

from services.cli.program import main

__all__ = ["main"]
