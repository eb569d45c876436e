"""Migrations of the tables of devices."""
