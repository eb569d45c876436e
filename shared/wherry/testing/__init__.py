"""Fakes with real behaviour and contract suites for the ports."""
