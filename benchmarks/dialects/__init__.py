"""How well dialects are found out, by us and by others, on files whose dialect is known."""
