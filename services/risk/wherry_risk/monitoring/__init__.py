"""Score records and outcomes become figures that say whether a model still does what it did."""
