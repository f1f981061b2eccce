from datetime import UTC, datetime

from app import stack

friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
for name, event in stack.resources["Bake"].events.items():
    print(f"{name}: {event.explain()}")
    for time in event.next(2, after=friday):
        print(f"  {time:%A %d %B %Y, %H:%M}")
