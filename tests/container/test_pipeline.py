"""buildspec.yml and pipeline/deploy.yml, run as written: an image in the registry, and a deployment by its digest."""

import json
import re
import urllib.request
from pathlib import Path

from tests.container.system import COMMIT, System, build_image, load_definition
from tests.end_to_end.application import container_of

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def digest_of(registry: str, reference: str) -> str:
    """What a registry says that a tag or digest is."""
    request = urllib.request.Request(
        f"http://{registry}/v2/csv-to-dynamodb/manifests/{reference}",
        headers={"Accept": MANIFEST},
        method="HEAD",
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return str(answer.headers["Docker-Content-Digest"])


def test_the_image_is_in_the_registry_under_its_commit_and_named_by_digest(
    system: System, registry: str
) -> None:
    repository, _, digest = system.image_uri.partition("@")
    assert repository == f"{registry}/csv-to-dynamodb"
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)
    assert digest_of(registry, digest) == digest_of(registry, COMMIT) == digest


def test_the_bill_of_materials_lies_beside_it(system: System) -> None:
    uri, bill = system.image.artifacts
    assert uri.read_text().strip() == system.image_uri
    assert json.loads(bill.read_text())["bomFormat"] == "CycloneDX"


def test_a_commit_that_was_built_is_not_built_again(system: System, registry: str, project: Path) -> None:
    """A tag never changes its meaning, so a pipeline that is run again goes on with what is there."""
    again = build_image(project, registry)
    assert again.exported == system.image.exported
    assert "is there already" in again.log
    assert "is there already" not in system.image.log


def test_the_deployment_takes_the_digest(system: System) -> None:
    assert container_of(load_definition(system.application))["image"] == system.image_uri
    assert "Successfully created/updated stack" in system.deployment.log
