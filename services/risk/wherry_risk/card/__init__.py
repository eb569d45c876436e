"""The card of a model: what it is for, its limits and figures, as JSON and as a page."""
