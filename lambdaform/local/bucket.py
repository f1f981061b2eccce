"""A rate that allows bursts: a bucket that is full at first, and refilled steadily up to that and no further."""

from __future__ import annotations

from attrs import define


@define
class Bucket:
    """``capacity`` may be taken at once, and ``per_second`` in the long run. Moments are in seconds."""

    capacity: float
    per_second: float
    level: float
    filled_at: float

    @classmethod
    def full(cls, capacity: float, per_second: float, now: float) -> Bucket:
        """One that is full."""
        return cls(capacity, per_second, capacity, now)

    def take(self, now: float) -> bool:
        """Take one, if there is one."""
        level = min(self.capacity, self.level + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        self.level = level - 1 if level >= 1 else level
        return level >= 1
