"""The one seed of everything that is drawn: trees, made-up rows, intervals."""

SEED = 20120424
