"""SMART App Launch 2.2, the pure part: documents and answers become values, or a Failure."""
