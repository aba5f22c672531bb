"""From items to lanes, requests and DynamoDB: order, retry and what is in flight."""
