"""Alembic migrations of the FHIR store."""
