"""What `fn:` names in the maps: rules that a line of a map cannot say. Each module registers."""
