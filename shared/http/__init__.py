"""What every service's HTTP door shares: problem answers, limits, callers, logs, health and metrics."""
