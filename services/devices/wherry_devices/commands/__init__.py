"""The `wherry devices` commands."""
