"""Scores behind one interface: facts in, score or refusal out."""
