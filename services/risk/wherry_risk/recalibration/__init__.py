"""A package and local outcomes become a new version whose probabilities are true at the site."""
