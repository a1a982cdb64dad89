"""The only door: who asks, why, what they may see, and a log of it."""
