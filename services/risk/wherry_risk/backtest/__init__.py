"""A FHIR bulk export and outcomes become the figures of a model on a site's own patients."""
