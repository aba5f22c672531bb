"""pipeline/image.sh: what it calls, in which order, and what it says where something is missing."""

import subprocess
from pathlib import Path

from tests.unit.pipeline.checkout import DIGEST, ECR, run


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
