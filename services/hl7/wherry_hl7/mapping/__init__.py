"""Maps in data (structures, segments, datatypes, code tables) become what translates messages."""
