"""What invokes functions by itself: schedules now, pollers and triggers as they come."""
