"""One measurement that came by several paths counts once."""
