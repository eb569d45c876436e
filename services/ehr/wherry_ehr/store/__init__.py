"""The SQL under the FHIR API: a log of versions, a pointer to the current one, index rows."""
