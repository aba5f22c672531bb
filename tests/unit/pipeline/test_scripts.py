"""pipeline/image.sh and deploy.sh: what they call, in which order, and what they say where something is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
DIGEST = f"{ECR}/app@sha256:" + "0" * 64
RECORD = 'echo "${0##*/} $*" >>"$CALLS"\n'
DOCKER = (
    RECORD
    + 'case $1 in pull) exit "${PULLED:-1}";; run) echo "{}";; login) cat;; esac\n'
    + 'if [ $1 = image ]; then echo "other/app@sha256:1"; echo "$DIGEST"; fi\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout with recorders in the place of docker, aws and sam."""
    shutil.copytree(PROJECT / "pipeline", tmp_path / "pipeline")
    for name, script in (
        ("docker", DOCKER),
        ("aws", RECORD + "echo password\n"),
        ("sam", RECORD),
        ("python3.13", ""),
    ):
        tool = tmp_path / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f"#!/bin/bash\n{script}")
        tool.chmod(0o755)
    return tmp_path


def run(folder: Path, script: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    calls = folder / "calls"
    calls.write_text("")
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls), "DIGEST": DIGEST}
    done = subprocess.run(
        [folder / "pipeline" / script],
        env=environment | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, calls.read_text().splitlines()


def test_an_image_is_built_pushed_to_ecr_and_named_by_its_digest_there(folder: Path) -> None:
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app", TAG="abc", PLATFORM="linux/arm64")
    assert done.returncode == 0, done.stderr
    assert set(calls[:2]) == {
        "aws ecr get-login-password --region eu-central-1",
        f"docker login --username AWS --password-stdin {ECR}",
    }
    assert calls[2:5] == [
        f"docker pull --quiet {ECR}/app:abc",
        f"docker build --platform linux/arm64 --tag {ECR}/app:abc batch_job",
        f"docker push --quiet {ECR}/app:abc",
    ]
    assert (folder / "out" / "image-uri").read_text().strip() == done.stdout.strip() == DIGEST
    assert (folder / "out" / "csv-import.cdx.json").exists()


def test_what_is_there_is_not_built_again(folder: Path) -> None:
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app", TAG="abc", PULLED="0")
    assert done.returncode == 0
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]
    assert done.stdout.strip() == DIGEST


def test_without_a_repository_the_image_stays_here(folder: Path) -> None:
    done, calls = run(folder, "image.sh", TAG="abc")
    assert done.stdout.strip() == "csv-import:abc"
    assert calls[0] == "docker build --tag csv-import:abc batch_job"
    assert not [call for call in calls if "push" in call or call.startswith("aws")]


def test_changes_that_are_in_no_commit_are_not_pushed_under_a_commit(folder: Path) -> None:
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-C", str(folder))
    for words in (("init", "--quiet"), ("add", "pipeline"), ("commit", "--quiet", "--message", "m")):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    _, calls = run(folder, "image.sh")
    assert calls[0] == f"docker build --tag csv-import:{commit} batch_job"
    (folder / "batch_job").mkdir()
    (folder / "batch_job" / "new.py").write_text("")
    _, calls = run(folder, "image.sh")
    assert calls[0] == f"docker build --tag csv-import:{commit}-changed batch_job"
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app")
    assert (done.returncode, calls) == (2, [])
    assert "commit them, or name a TAG" in done.stderr


def test_the_base_can_be_another(folder: Path) -> None:
    _, calls = run(folder, "image.sh", TAG="abc", BASE="python@sha256:1")
    assert calls[0] == "docker build --build-arg BASE=python@sha256:1 --tag csv-import:abc batch_job"


def test_a_digest_of_another_repository_is_not_taken(folder: Path) -> None:
    done, _ = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app", TAG="abc", DIGEST="third/app@sha256:2")
    assert done.returncode != 0
    assert not done.stdout


def test_the_deployment_takes_image_parameters_bucket_and_role(folder: Path) -> None:
    done, calls = run(
        folder,
        "deploy.sh",
        IMAGE_URI=DIGEST,
        STACK="mine",
        PARAMETERS="Architecture=arm64 AlarmEmail=a@example.org",
        PACKAGES_BUCKET="bucket",
        DEPLOYER_ROLE_ARN="arn:aws:iam::1:role/d",
    )
    assert done.returncode == 0, done.stderr
    assert calls == [
        "sam build --config-env default",
        "sam deploy --config-env default --no-confirm-changeset --stack-name mine"
        " --no-resolve-s3 --s3-bucket bucket --s3-prefix mine --role-arn arn:aws:iam::1:role/d"
        f" --parameter-overrides ImageUri={DIGEST} Architecture=arm64 AlarmEmail=a@example.org",
    ]


def test_the_deployment_takes_what_make_image_left(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "image-uri").write_text(f"{DIGEST}\n")
    done, calls = run(folder, "deploy.sh")
    assert done.returncode == 0, done.stderr
    assert calls[1].endswith(f"--parameter-overrides ImageUri={DIGEST}")


@pytest.mark.parametrize("left", [None, "csv-import:abc"], ids=["no image", "an image of this machine"])
def test_an_image_that_aws_cannot_pull_is_not_deployed(folder: Path, left: str | None) -> None:
    if left:
        (folder / "out").mkdir()
        (folder / "out" / "image-uri").write_text(left)
    done, calls = run(folder, "deploy.sh")
    assert done.returncode == 2
    assert "make image REPOSITORY_URI=" in done.stderr
    assert calls == []
