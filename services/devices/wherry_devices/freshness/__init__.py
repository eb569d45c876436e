"""What was last heard of each device, and how fresh that is."""
