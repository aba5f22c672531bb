"""The package that the container runs: streams one CSV object into one DynamoDB table, exactly once per row."""
