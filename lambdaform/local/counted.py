"""Numbers of things in sentences for people."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """So many of something: ``1 line``, ``1,200 lines``."""
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
