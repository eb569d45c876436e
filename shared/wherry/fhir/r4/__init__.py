"""The definitions of FHIR R4 (4.0.1) as tables, and the checks that follow from them."""
