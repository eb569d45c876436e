"""Migrations of the tables of the risk service."""
