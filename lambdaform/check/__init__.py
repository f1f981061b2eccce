"""Rules over a stack, wherever it came from: what AWS would refuse, and what would fail or surprise later."""
