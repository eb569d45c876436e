"""The sandbox EHR: a FHIR R4 store with a chart, for development, tests and the demo."""
