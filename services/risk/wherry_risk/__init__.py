"""FHIR observations in, risk scores out."""
