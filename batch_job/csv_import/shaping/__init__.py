"""From a record to the item that DynamoDB accepts, or to a reject; pure: no client, clock or environment."""
