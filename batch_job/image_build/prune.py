"""Removes what a job never reads: botocore's models of the services that it does not call."""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

SERVICES = frozenset({"dynamodb", "s3", "sso", "sso-oidc", "sts"})
"""What the job calls, and what its credentials may come from."""


def unused(models: Path) -> Iterator[Path]:
    """Give the folders of botocore's `data` that belong to other services; files there are for all of them."""
    return (path for path in sorted(models.iterdir()) if path.is_dir() and path.name not in SERVICES)


def main() -> None:
    """Remove them from the site-packages that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site_packages", type=Path)
    models = parser.parse_args().site_packages / "botocore" / "data"
    if missing := sorted(service for service in SERVICES if not (models / service).is_dir()):
        parser.error(f"{models} has no model of {', '.join(missing)}")
    for path in unused(models):
        shutil.rmtree(path)


if __name__ == "__main__":
    main()
