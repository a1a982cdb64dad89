"""Asynchronous operations (OSIA): a request is kept, done later, and its result sent to a callback address."""
