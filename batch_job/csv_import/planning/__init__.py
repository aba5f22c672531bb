"""From a file to the parts that it is loaded in: where they begin, and which rows several of them would fight over."""
