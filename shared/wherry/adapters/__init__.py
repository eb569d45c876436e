"""One file per product that Wherry talks to."""
