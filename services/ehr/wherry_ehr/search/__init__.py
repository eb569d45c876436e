"""Search as data: parameters, what they ask, what resources hold under them. Pure."""
