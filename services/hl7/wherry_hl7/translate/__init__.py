"""HL7 v2 messages to FHIR R4 transactions, as pure functions."""
