"""The pure core: a payload and a template become readings, readings become FHIR."""
