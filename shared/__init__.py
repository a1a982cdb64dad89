"""What every service may know: wire models, standards, database, HTTP and sealing. Imports no service."""
