"""When a card is worth showing: rules as data, decisions without side effects."""
