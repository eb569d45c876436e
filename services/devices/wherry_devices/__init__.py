"""The device service: vendor payloads become vital signs in FHIR R4."""
