"""Databases: one asynchronous way to SQLite and PostgreSQL, and the durable work queue."""
