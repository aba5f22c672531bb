"""A file's content once more from a place in it on, compressed or not."""

import bz2
import gzip
from collections.abc import Callable, Iterator

import pytest

from csv_import.reading.opening import content_from

CONTENT = bytes(range(256)) * 5000


@pytest.mark.parametrize("compress", [None, gzip.compress, bz2.compress], ids=["plain", "gzip", "bzip2"])
@pytest.mark.parametrize(
    "offset", [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, len(CONTENT) - 1, len(CONTENT)]
)
def test_it_begins_where_it_should(compress: Callable[[bytes], bytes] | None, offset: int) -> None:
    file = compress(CONTENT) if compress else CONTENT

    def chunks_from(at: int) -> Iterator[bytes]:
        for start in range(at, len(file), 1000):
            yield file[start : start + 1000]

    again = content_from(chunks_from, offset, compressed=compress is not None)
    assert b"".join(again) == CONTENT[offset:]
