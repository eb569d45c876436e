"""What was decided about cards, what clinicians did with them, and what they asked to be quiet."""
