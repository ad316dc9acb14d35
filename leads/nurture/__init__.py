"""Writing to people who have agreed to it: segments, mailings, sequences, and what comes back."""
