"""A request that AWS Batch refuses."""


class RefusedError(Exception):
    """A request that AWS refuses with a ClientException; the message is what the caller reads."""
