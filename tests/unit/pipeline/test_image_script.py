"""pipeline/image.sh: what it calls, in which order, and what it says where something is missing."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.pipeline.checkout import DIGEST, ECR, contents, make, run

PUSHED = {"REPOSITORY_URI": f"{ECR}/app", "TAG": "abc"}


def build(
    folder: Path, tag: str, *, platform: str = "linux/amd64", base: str = "", pull: str = " --pull"
) -> str:
    """The command that builds what the checkout has."""
    words = f"docker build --platform {platform}{base and f' --build-arg BASE={base}'}"
    label = f"--label csv-to-dynamodb.contents={contents(folder, *filter(None, [base]))}"
    return f"{words} {label} --tag {tag} batch_job"


def building(calls: list[str]) -> str:
    """The one call that builds."""
    (found,) = [call for call in calls if call.startswith("docker build")]
    return found


def official_base(folder: Path) -> str:
    """What the Dockerfile builds on."""
    (found,) = re.findall("^ARG BASE=(.+)$", (folder / "batch_job" / "Dockerfile").read_text(), re.M)
    return str(found)


def commit(folder: Path) -> str:
    """Make the checkout one of git; gives its commit."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-C", str(folder))
    for words in (
        ("init", "--quiet"),
        ("add", "pipeline", "batch_job"),
        ("commit", "--quiet", "--message", "m"),
    ):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return head.stdout.strip()


def left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "out").iterdir()}


def test_an_image_is_built_pushed_to_ecr_and_named_by_its_digest_there(folder: Path) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, PLATFORM="linux/arm64")
    assert done.returncode == 0, done.stderr
    assert [call for call in calls if not call.startswith("docker image")][:6] == [
        "aws ecr get-login-password --region eu-central-1",
        f"docker login --username AWS --password-stdin {ECR}",
        f"docker pull --quiet --platform linux/arm64 {ECR}/app:abc",
        f"docker pull --quiet --platform linux/arm64 {official_base(folder)}",
        build(folder, f"{ECR}/app:abc", platform="linux/arm64"),
        f"docker push --quiet {ECR}/app:abc",
    ]
    assert (folder / "out" / "image-uri").read_text().strip() == done.stdout.strip() == DIGEST
    assert (folder / "out" / "image-contents").read_text() == f"{contents(folder)} linux/arm64\n"
    assert (folder / "out" / "csv-import.cdx.json").exists()


def test_what_is_there_and_the_same_is_not_built_again(folder: Path) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, PULLED="0", INSPECTED=f"linux/amd64 {contents(folder)}")
    assert done.returncode == 0, done.stderr
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]
    assert done.stdout.strip() == DIGEST


@pytest.mark.parametrize(
    ("change", "base"), [("first = 2\n", ""), ("first = 1\n", "python@sha256:1")], ids=["code", "base"]
)
def test_what_is_there_and_of_something_else_is_not_taken_for_this(
    folder: Path, change: str, base: str
) -> None:
    there = f"linux/amd64 {contents(folder)}"
    (folder / "batch_job" / "csv_import" / "rows.py").write_text(change)
    done, calls = run(folder, "image.sh", **PUSHED, PULLED="0", INSPECTED=there, BASE=base)
    assert done.returncode == 2
    assert "of another batch_job or BASE" in done.stderr
    assert "Name a TAG" in done.stderr
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]
    assert left(folder) == set()


@pytest.mark.parametrize(
    "answer",
    [
        {"PULLED": "0", "INSPECTED": "linux/amd64 0"},
        {"PULL_SAYS": "image with reference x was found but does not match the specified platform: wanted x"},
        {"PULL_SAYS": "no matching manifest for linux/arm64 in the manifest list entries"},
        {"PULL_SAYS": "failed to resolve: no match for platform in manifest: not found"},
    ],
    ids=["a pull that takes any", "one image", "an index", "containerd"],
)
def test_a_tag_of_another_processor_says_how_to_have_both(folder: Path, answer: dict[str, str]) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, PLATFORM="linux/arm64", **answer)
    assert done.returncode == 2
    assert "TAG=abc-arm64" in done.stderr
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]


@pytest.mark.parametrize(
    "said",
    [
        "Error response from daemon: Get https://r/v2/: dial tcp: connection refused",
        "Error response from daemon: Get https://r/v2/: dial tcp: lookup r: no such host",
        "Error response from daemon: pull access denied for r, may require docker login: denied",
        'error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH',
        "name unknown: The repository with name app does not exist in the registry",
    ],
    ids=["network", "name", "login", "credentials' helper", "no repository"],
)
def test_a_repository_that_does_not_answer_is_not_one_without_the_image(folder: Path, said: str) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, PULL_SAYS=said)
    assert done.returncode == 2
    assert said in done.stderr
    assert not [call for call in calls if call.startswith(("docker build", "docker push"))]


@pytest.mark.parametrize(
    "said",
    [
        "manifest for r/app:abc not found: manifest unknown: manifest unknown",
        "failed to resolve r/app:abc: r/app:abc: not found",
    ],
    ids=["docker", "containerd"],
)
def test_a_repository_without_the_image_gets_it(folder: Path, said: str) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, PULL_SAYS=said)
    assert done.returncode == 0, done.stderr
    assert f"docker push --quiet {ECR}/app:abc" in calls


def test_without_credentials_it_says_which(folder: Path) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, NO_CREDENTIALS="1")
    assert done.returncode == 2
    assert "aws sso login" in done.stderr
    assert len(calls) == 1


def test_without_a_repository_the_image_stays_here(folder: Path) -> None:
    done, calls = run(folder, "image.sh", TAG="abc")
    assert done.stdout.strip() == "csv-import:abc"
    assert building(calls) == build(folder, "csv-import:abc")
    assert not [call for call in calls if "push" in call or call.startswith("aws")]


def test_changes_that_are_in_no_commit_are_not_pushed_under_a_commit(folder: Path) -> None:
    head = commit(folder)
    _, calls = run(folder, "image.sh")
    assert building(calls) == build(folder, f"csv-import:{head}")
    (folder / "batch_job" / "new.py").write_text("")
    _, calls = run(folder, "image.sh")
    assert building(calls) == build(folder, f"csv-import:{head}-changed")
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app")
    assert (done.returncode, calls) == (2, [])
    assert "commit them, or name a TAG" in done.stderr


def test_what_has_neither_commit_nor_tag_is_not_pushed(folder: Path) -> None:
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app")
    assert (done.returncode, calls) == (2, [])
    assert "name a TAG" in done.stderr
    assert run(folder, "image.sh")[0].stdout.strip() == "csv-import:local"


def test_a_repository_of_git_without_a_commit_has_none(folder: Path) -> None:
    subprocess.run(["git", "-C", str(folder), "init", "--quiet"], check=True)
    done, calls = run(folder, "image.sh", REPOSITORY_URI=f"{ECR}/app")
    assert (done.returncode, calls) == (2, [])
    assert "There is no commit" in done.stderr


@pytest.mark.parametrize(
    ("variables", "platform"),
    [
        ({}, "linux/amd64"),
        ({"PARAMETERS": "Architecture=arm64"}, "linux/arm64"),
        ({"CONFIG_ENV": "prod"}, "linux/arm64"),
        ({"CONFIG_ENV": "prod", "PARAMETERS": "Architecture=x86_64"}, "linux/amd64"),
        ({"CONFIG_ENV": "prod", "PLATFORM": "linux/amd64"}, "linux/amd64"),
    ],
    ids=[
        "the template's default",
        "a parameter",
        "a section",
        "a parameter before it",
        "a platform before all",
    ],
)
def test_the_processor_is_the_deployments_and_not_this_machines(
    folder: Path, variables: dict[str, str], platform: str
) -> None:
    (folder / "samconfig.toml").write_text(
        '[default]\n[prod.deploy.parameters]\nparameter_overrides = "Architecture=arm64"\n'
    )
    _, calls = make(folder, "image", TAG="abc", **variables)
    assert building(calls) == build(folder, "csv-import:abc", platform=platform)


def test_the_base_can_be_another(folder: Path) -> None:
    _, calls = run(folder, "image.sh", TAG="abc", BASE="example.org/python@sha256:1")
    assert calls[1:3] == [
        "docker pull --quiet --platform linux/amd64 example.org/python@sha256:1",
        build(folder, "csv-import:abc", base="example.org/python@sha256:1"),
    ]


def test_the_base_is_pulled_anew_but_one_that_is_this_machines_own(folder: Path) -> None:
    official = official_base(folder)
    assert (
        f"docker pull --quiet --platform linux/amd64 {official}"
        in run(folder, "image.sh", TAG="abc", HERE=official)[1]
    )
    _, calls = run(folder, "image.sh", TAG="abc", BASE="mine:1", HERE="mine:1")
    assert not [call for call in calls if call.startswith("docker pull")]


def test_without_network_the_base_of_this_machine_is_taken_and_told(folder: Path) -> None:
    done, _ = run(
        folder, "image.sh", TAG="abc", BASE="example.org/b:1", HERE="example.org/b:1", BASE_PULLED="1"
    )
    assert done.returncode == 0
    assert "may be an old one" in done.stderr
    done, calls = run(folder, "image.sh", TAG="abc", BASE="example.org/b:1", BASE_PULLED="1")
    assert done.returncode == 2
    assert "cannot be pulled" in done.stderr
    assert not [call for call in calls if call.startswith("docker build")]


def test_a_base_of_another_processor_is_found_out_before_anything_is_pushed(folder: Path) -> None:
    done, calls = run(folder, "image.sh", **PUSHED, MADE_FOR="linux/arm64")
    assert done.returncode == 2
    assert "for linux/arm64 instead of linux/amd64" in done.stderr
    assert not [call for call in calls if call.startswith("docker push")]


def test_a_digest_of_another_repository_is_not_taken(folder: Path) -> None:
    done, _ = run(folder, "image.sh", **PUSHED, DIGEST="third/app@sha256:2")
    assert done.returncode != 0
    assert not done.stdout
    assert "image-uri" not in left(folder)


def test_a_build_that_fails_leaves_no_image_of_an_earlier_one(folder: Path) -> None:
    run(folder, "image.sh", **PUSHED)
    assert {"image-uri", "image-contents", "csv-import.cdx.json"} == left(folder)
    done, _ = run(folder, "image.sh", **PUSHED, BUILT="1")
    assert done.returncode != 0
    assert left(folder) == set()
