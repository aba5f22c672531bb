"""Prints what the image is made of, as CycloneDX 1.6 in JSON: Python, its packages with hashes, Debian's packages.

The same image gives the same bytes: there is no time in it, and the serial number comes from the content.
See cyclonedx.org/docs/1.6/json.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]

_LONGEST_LICENCE = 80
"""In characters: what is longer is a licence's text, and not its name."""


def bill(components: Iterable[Component], *, name: str) -> dict[str, Any]:
    """Put the bill of an image together from its components."""
    content = {
        "metadata": {"component": {"type": "container", "bom-ref": name, "name": name}},
        "components": sorted(components, key=lambda component: str(component["bom-ref"])),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial.urn,
        "version": 1,
        **content,
    }


def python_packages(report: Mapping[str, Any]) -> list[Component]:
    """Read a report of pip's (`pip install --report`); the hash is the one that pip checked against the lock."""
    return [_python_package(one["metadata"], one["download_info"]) for one in report["install"]]


def debian_packages(listed: str, *, distribution: str) -> list[Component]:
    """Read lines of `package<TAB>version<TAB>architecture`; `distribution` is like `debian-12`."""
    found = [line.split("\t") for line in listed.splitlines() if line]
    return [
        _component(
            "library",
            package,
            version,
            f"pkg:deb/{distribution.partition('-')[0]}/{package}@{quote(version, safe='')}"
            f"?arch={architecture}&distro={distribution}",
        )
        for package, version, architecture in found
    ]


def python_itself(version: str) -> Component:
    """Give the interpreter, which the base image brings without a package."""
    return _component("platform", "python", version, f"pkg:generic/python@{version}")


def _python_package(metadata: Mapping[str, Any], download: Mapping[str, Any]) -> Component:
    name, version = re.sub(r"[-_.]+", "-", metadata["name"]).lower(), metadata["version"]
    component = _component("library", name, version, f"pkg:pypi/{name}@{quote(version, safe='')}")
    component["hashes"] = [{"alg": "SHA-256", "content": download["archive_info"]["hashes"]["sha256"]}]
    return component | _licences(metadata)


def _licences(metadata: Mapping[str, Any]) -> Component:
    if expression := metadata.get("license_expression"):
        return {"licenses": [{"expression": expression}]}
    stated = (metadata.get("license") or "").strip()
    if not stated or len(stated) > _LONGEST_LICENCE:
        return {}
    return {"licenses": [{"license": {"name": stated}}]}


def _component(kind: str, name: str, version: str, purl: str) -> Component:
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def main() -> None:
    """Print the bill of this image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="what `pip install --report` wrote")
    report = json.loads(parser.parse_args().report.read_text(encoding="utf-8"))
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", r"${Package}\t${Version}\t${Architecture}\n"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    system = platform.freedesktop_os_release()
    components = [
        python_itself(platform.python_version()),
        *python_packages(report),
        *debian_packages(listed, distribution=f"{system['ID']}-{system['VERSION_ID']}"),
    ]
    json.dump(bill(components, name="csv-import"), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
