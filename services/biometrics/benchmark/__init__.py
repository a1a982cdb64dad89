"""Measures the index beside others on the same made vectors: who is lost, and what a search, a vector, a build cost."""
