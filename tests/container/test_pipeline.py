"""buildspec.yml and pipeline/deploy.yml, run as written: an image in the registry, and a deployment by its digest."""

import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from local_aws.sam_cli import host_environment
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


def test_a_tag_of_another_image_is_not_taken_for_this_one(
    system: System, registry: str, project: Path, tmp_path: Path
) -> None:
    """Code, base and processor: what is in the registry under the commit is not what is asked for."""
    assert system.image_uri
    changed = tmp_path / "project"
    for name in ("pipeline", "batch_job"):
        shutil.copytree(project / name, changed / name)
    for name in ("Makefile", "samconfig.toml"):
        shutil.copy(project / name, changed)
    assert "another batch_job or BASE" in refused(changed, registry, BASE="python:other")
    assert f"TAG={COMMIT}-arm64" in refused(changed, registry, PLATFORM="linux/arm64")
    (changed / "batch_job" / "csv_import" / "new.py").write_text("")
    assert "another batch_job or BASE" in refused(changed, registry)


def refused(project: Path, registry: str, **asked: str) -> str:
    """What `make image` says where it refuses to take what is there."""
    given = {"REPOSITORY_URI": f"{registry}/csv-to-dynamodb", "TAG": COMMIT, "PLATFORM": "linux/amd64"}
    done = subprocess.run(
        ["make", "image"],
        cwd=project,
        env={**host_environment(), **given, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert not (project / "out" / "image-uri").exists()
    return done.stderr


def test_the_deployment_takes_the_digest(system: System) -> None:
    assert container_of(load_definition(system.application))["image"] == system.image_uri
    assert "Successfully created/updated stack" in system.deployment.log
