"""Writes: who is meant, what changes, what it becomes. Pure but for the given transaction."""
