"""Alembic migrations of the inbox database."""
