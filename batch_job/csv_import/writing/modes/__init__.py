"""What each write mode makes of an item: its request, its rule for rows with one key, its answers; pure."""
