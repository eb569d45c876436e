"""What is made of stored readings: averages, summaries, baselines."""
