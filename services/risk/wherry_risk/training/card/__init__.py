"""A package's documents: the card for people, the card for machines, the licences."""
