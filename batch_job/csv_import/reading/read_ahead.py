"""Reads an object by several ranged requests at once, and gives its bytes in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

ReadRange = Callable[[int, int], bytes]
"""Gives so many bytes from an offset on, fewer where the object ends."""


def read_ahead(read: ReadRange, ranges: Iterable[tuple[int, int]], *, ahead: int) -> Iterator[bytes]:
    """Yield the bytes of each range; raises what `read` raises.

    Args:
        read: called from several threads.
        ranges: an offset and a number of bytes each.
        ahead: requests at once; the bytes of as many ranges are held.
    """
    todo = iter(ranges)
    with ThreadPoolExecutor(ahead, thread_name_prefix="read-ahead") as pool:
        waiting: deque[Future[bytes]] = deque(
            pool.submit(read, *each) for each in itertools.islice(todo, ahead)
        )
        try:
            while waiting:
                chunk = waiting.popleft().result()
                waiting.extend(pool.submit(read, *each) for each in itertools.islice(todo, 1))
                yield chunk
        finally:
            for left in waiting:
                left.cancel()


def ranges_of(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges of so many bytes that go from `start` to `stop`."""
    return ((offset, min(size, stop - offset)) for offset in range(start, stop, size))
