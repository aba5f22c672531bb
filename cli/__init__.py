"""The command line: what a person does with imports."""
