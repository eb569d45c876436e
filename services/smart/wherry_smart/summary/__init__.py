"""FHIR resources become what the page shows; pure."""
