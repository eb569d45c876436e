"""HL7 v2 feeds in, FHIR R4 out."""
