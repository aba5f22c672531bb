"""From the text of a cell to a value of DynamoDB's types; what is refused is refused with a code and a reason."""
