"""The sandbox EHR: a FHIR R4 store for development, tests and the demo."""
