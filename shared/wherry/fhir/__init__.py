"""Pure FHIR R4: identifiers, checks, merging."""
