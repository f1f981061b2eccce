"""Dated facts about AWS: quotas, prices, runtimes, reserved names, managed policies. Data, and typed access."""
