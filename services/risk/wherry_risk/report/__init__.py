"""A month of findings becomes one HTML file that can be read, printed and kept."""
