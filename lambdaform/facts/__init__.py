"""Dated facts about AWS, and typed access to them: quotas, prices, runtimes, reserved names, policies.

What botocore's service models hold (enums, patterns, shapes) is read from there and not repeated here.
"""
