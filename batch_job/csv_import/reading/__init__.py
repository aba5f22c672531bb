"""From the object to bytes, text and records, each with its location in the file."""
