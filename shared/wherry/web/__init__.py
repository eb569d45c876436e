"""What every Flask service does the same way: errors, health, metrics, request ids, JSON, auth."""
