"""Migrations of the tables of the CDS service."""
