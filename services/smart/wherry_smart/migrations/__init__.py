"""Migrations of the table of deeds."""
