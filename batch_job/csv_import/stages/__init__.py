"""What the container runs: each stage reads as one page, top to bottom, as the data goes."""
