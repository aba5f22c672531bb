"""What prevents a removal.

RemovalPreventedError
├── NoSuchStackError     there is no stack of this name
├── StackRefusedError    it is not ours, or cannot go as it stands: nothing was touched
└── RemovalError         a step could not be finished; called again, the removal goes on there
"""


class RemovalPreventedError(Exception):
    """Something prevents the removal; the message says what, and what helps."""


class NoSuchStackError(RemovalPreventedError):
    """There is no stack of this name, or id, in the account and region."""


class StackRefusedError(RemovalPreventedError):
    """The stack is not ours, or cannot be deleted as it stands: nothing of it may be touched."""


class RemovalError(RemovalPreventedError):
    """A step could not be finished; the message has the services' reasons."""
