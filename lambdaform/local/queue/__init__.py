"""Events that nobody waits for: accepted, tried, tried again, and in the end processed or a dead letter."""
