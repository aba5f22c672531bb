"""What was done: claim, lease, segments, counters and rejects."""
