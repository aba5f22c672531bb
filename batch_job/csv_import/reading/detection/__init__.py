"""Find out how a file's text is cut into records and cells, from a sample, and say why."""

from csv_import.reading.detection.detect import detect

__all__ = ["detect"]
