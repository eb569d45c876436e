"""Scores to cards, as pure functions."""
