"""pipeline/deploy.sh and `make deploy`: what SAM is called with, and what they say where something is missing."""

import os
import pty
from pathlib import Path

import pytest

from tests.unit.pipeline.checkout import DIGEST, call, contents, make, run

SECTIONS = """
[default.global.parameters]
stack_name = "csv-to-dynamodb"
[prod.global.parameters]
stack_name = "prod-csv-to-dynamodb"
[prod.deploy.parameters]
parameter_overrides = "Architecture=arm64 AlarmEmail=a@example.org"
"""


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


def leave_image(folder: Path, platform: str = "linux/amd64") -> None:
    """Have what `make image` leaves."""
    (folder / "out").mkdir()
    (folder / "out" / "image-uri").write_text(f"{DIGEST}\n")
    (folder / "out" / "image-contents").write_text(f"{contents(folder)} {platform}\n")


def test_the_deployment_takes_what_make_image_left(folder: Path) -> None:
    leave_image(folder)
    done, calls = run(folder, "deploy.sh")
    assert done.returncode == 0, done.stderr
    assert calls[-1].endswith(f"--parameter-overrides ImageUri={DIGEST}")


def test_the_image_of_another_commit_is_not_deployed_unless_it_is_named(folder: Path) -> None:
    leave_image(folder)
    (folder / "batch_job" / "csv_import" / "rows.py").write_text("first = 2\n")
    done, calls = run(folder, "deploy.sh")
    assert (done.returncode, calls) == (2, [])
    assert "another batch_job than is here" in done.stderr
    assert run(folder, "deploy.sh", IMAGE_URI=DIGEST)[0].returncode == 0


@pytest.mark.parametrize(
    ("platform", "parameters", "stack_says"),
    [
        ("linux/arm64", "Architecture=x86_64", ""),
        ("linux/amd64", "Architecture=arm64", ""),
        ("linux/arm64", "", "Stack with id csv-to-dynamodb does not exist"),
        ("linux/amd64", "", "arm64"),
    ],
    ids=[
        "of arm64 on x86_64",
        "of x86_64 on arm64",
        "of arm64 on the default",
        "of x86_64 on the stack's arm64",
    ],
)
def test_an_image_of_another_processor_is_not_deployed(
    folder: Path, platform: str, parameters: str, stack_says: str
) -> None:
    leave_image(folder, platform)
    done, calls = run(folder, "deploy.sh", PARAMETERS=parameters, STACK_SAYS=stack_says)
    assert done.returncode == 2
    assert f"The image is for {platform}" in done.stderr
    assert not [call for call in calls if call.startswith("sam")]


@pytest.mark.parametrize(
    ("parameters", "stack_says"),
    [("Architecture=arm64", ""), ("", "arm64"), ("", "Unable to locate credentials")],
    ids=["it is the parameter's", "it is the stack's", "AWS does not say"],
)
def test_an_image_of_the_stacks_processor_is_deployed(folder: Path, parameters: str, stack_says: str) -> None:
    leave_image(folder, "linux/arm64")
    done, _ = run(folder, "deploy.sh", PARAMETERS=parameters, STACK_SAYS=stack_says)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("left", [None, "csv-import:abc"], ids=["no image", "an image of this machine"])
def test_an_image_that_aws_cannot_pull_is_not_deployed(folder: Path, left: str | None) -> None:
    if left:
        (folder / "out").mkdir()
        (folder / "out" / "image-uri").write_text(left)
    done, calls = run(folder, "deploy.sh")
    assert done.returncode == 2
    assert "make image REPOSITORY_URI=" in done.stderr
    assert calls == []


@pytest.mark.parametrize(
    ("words", "stack"),
    [
        ((), "csv-to-dynamodb"),
        (("CONFIG_ENV=prod",), "prod-csv-to-dynamodb"),
        (("CONFIG_ENV=prod", "STACK=mine"), "mine"),
        (("STACK=",), "csv-to-dynamodb"),
    ],
    ids=["neither", "a section", "a section and a stack", "an empty stack"],
)
def test_the_stack_is_the_sections_unless_one_is_given(
    folder: Path, words: tuple[str, ...], stack: str
) -> None:
    (folder / "samconfig.toml").write_text(SECTIONS)
    done, calls = make(folder, "deploy", f"IMAGE_URI={DIGEST}", *words)
    assert done.returncode == 0, done.stderr
    assert f" --stack-name {stack} " in calls[-1]


def test_what_is_removed_is_the_sections_stack_too(folder: Path) -> None:
    (folder / "samconfig.toml").write_text(SECTIONS)
    (folder / "teardown.py").write_text("import sys; print(sys.argv[1:])")
    done, _ = make(folder, "destroy", "CONFIG_ENV=prod", "YES=1")
    assert done.stdout.strip() == "['--yes', '--', 'prod-csv-to-dynamodb']"


def test_a_section_that_is_not_there_stops_it(folder: Path) -> None:
    (folder / "samconfig.toml").write_text(SECTIONS)
    done, calls = make(folder, "deploy", f"IMAGE_URI={DIGEST}", "CONFIG_ENV=pord")
    assert done.returncode != 0
    assert "samconfig.toml has no section [pord.deploy.parameters]" in done.stderr
    assert calls == []


def test_the_sections_parameters_are_deployed_and_what_is_given_wins(folder: Path) -> None:
    (folder / "samconfig.toml").write_text(SECTIONS)
    _, calls = make(
        folder, "deploy", f"IMAGE_URI={DIGEST}", "CONFIG_ENV=prod", PARAMETERS="AlarmEmail=b@example.org"
    )
    assert calls[-1].endswith(
        " --parameter-overrides Architecture=arm64 AlarmEmail=a@example.org"
        f" ImageUri={DIGEST} AlarmEmail=b@example.org"
    )


def test_parameters_may_stand_on_lines_of_their_own(folder: Path) -> None:
    done, calls = make(
        folder,
        "deploy",
        f"IMAGE_URI={DIGEST}",
        PARAMETERS="Architecture=arm64\n\n  MaxVCpus=4\tHasDashboard=false\n",
    )
    assert done.returncode == 0, done.stderr
    assert calls[-1].endswith(" Architecture=arm64 MaxVCpus=4 HasDashboard=false")


def test_a_parameter_without_a_value_stops_it(folder: Path) -> None:
    done, calls = run(folder, "deploy.sh", IMAGE_URI=DIGEST, PARAMETERS="MaxVCpus=4 AlarmEmail")
    assert done.returncode != 0
    assert "PARAMETERS has 'AlarmEmail', which is no Name=value" in done.stderr
    assert calls == []


def test_on_a_terminal_the_change_set_is_asked_about_as_the_section_says(folder: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        done, calls = call(folder, ["bash", "pipeline/deploy.sh"], {"IMAGE_URI": DIGEST}, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "confirm-changeset" not in calls[-1]
    assert "--no-confirm-changeset" in run(folder, "deploy.sh", IMAGE_URI=DIGEST)[1][-1]
