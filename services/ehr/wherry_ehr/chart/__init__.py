"""FHIR resources in, chart pages for a browser on this machine out."""
