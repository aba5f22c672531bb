"""The bytes of a file on this machine, in order, as those of an object in S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CHUNK_BYTES = 256 * 1024


class LocalFile:
    """Reads a file front to back.

    Args:
        path: of a regular file.
        chunk_bytes: how much is held at once.

    Attributes:
        size: the file's length in bytes.
        bytes_read: how far reading has come.
    """

    def __init__(self, path: Path, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._path = path
        self._chunk_bytes = chunk_bytes
        self.size = path.stat().st_size
        self.bytes_read = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes from the first on. Raises OSError."""
        self.bytes_read = 0
        with self._path.open("rb", buffering=0) as file:
            while chunk := file.read(self._chunk_bytes):
                self.bytes_read += len(chunk)
                yield chunk

    def tail(self, n_bytes: int) -> bytes:
        """Give the file's last `n_bytes` bytes, or all where there are fewer. Raises OSError."""
        with self._path.open("rb") as file:
            file.seek(max(0, self.size - n_bytes))
            return file.read(n_bytes)
