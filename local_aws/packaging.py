"""What `sam package` does: local paths in templates become places in S3, and everything else stays as it is.

Templates are rewritten as text, so CloudFormation gets the very lines that a person wrote, short forms and all.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

_LOCAL = re.compile(
    r"""^(?P<before>[ ]+(?P<property>CodeUri|TemplateURL):[ ]+)(?P<quote>["']?)(?P<path>[^\s"'!{]+)(?P=quote)[ ]*$""",
    re.MULTILINE,
)
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip archive can name: a fixed one makes the same sources the same archive."""

Upload = Callable[[str, bytes], None]
"""Puts bytes under a key."""


class PackagingError(Exception):
    """A template names a local path that is not there."""


def package(template: Path, *, bucket: str, endpoint: str, upload: Upload) -> str:
    """Upload a template with all that it names in its folder; gives the template's URL.

    `upload` puts objects into `bucket`; keys are digests of the content. `endpoint` is the URL of S3.
    """

    def place(match: re.Match[str]) -> str:
        return match["before"] + _place(match, template, bucket=bucket, endpoint=endpoint, upload=upload)

    text = _LOCAL.sub(place, template.read_text(encoding="utf-8"))
    key = _upload_as_digest(text.encode(), ".yaml", upload)
    return f"{endpoint}/{bucket}/{key}"


def sources_archive(folder: Path) -> bytes:
    """Zip the Python sources of a folder; the same sources give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for source in sorted(folder.rglob("*.py")):
            entry = zipfile.ZipInfo(source.relative_to(folder).as_posix(), date_time=_EARLIEST)
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _place(match: re.Match[str], template: Path, *, bucket: str, endpoint: str, upload: Upload) -> str:
    path = template.parent / match["path"]
    if match["path"].startswith(("s3://", "https://", "http://")):
        return match["quote"] + match["path"] + match["quote"]
    if match["property"] == "TemplateURL" and path.is_file():
        return package(path, bucket=bucket, endpoint=endpoint, upload=upload)
    if match["property"] == "CodeUri" and path.is_dir():
        return f"s3://{bucket}/{_upload_as_digest(sources_archive(path), '.zip', upload)}"
    raise PackagingError(f"{template.name}: {match['property']} {match['path']} is not there")


def _upload_as_digest(content: bytes, ending: str, upload: Upload) -> str:
    key = hashlib.sha256(content).hexdigest()[:32] + ending
    upload(key, content)
    return key
