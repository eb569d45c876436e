"""A sandbox of vendors' clouds for tests and demonstrations: made-up people, loopback only."""
