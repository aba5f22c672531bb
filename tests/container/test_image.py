"""The image by itself: small, without tools, with a bill of what is in it, and at work with no rights at all."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws.emulator import PROJECT
from tests.container.engine import BASE

NO_RIGHTS = (
    *("--rm", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--user", "4711:4711", "--network", "none"),
)
TOOLS = ("gcc", "cc", "clang", "ld", "as", "make", "pip", "pip3", "uv", "git", "curl", "wget")
MOST_MIB_ABOVE_THE_BASE = 55
LOCK = (PROJECT / "batch_job" / "requirements.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def image(container_address: str, project: Path) -> str:
    """The image as `make image` builds it."""
    assert container_address
    return build(project, "under-test")


def build(project: Path, tag: str, *flags: str) -> str:
    docker("build", *flags, "--tag", f"csv-import:{tag}", str(project / "batch_job"))
    return f"csv-import:{tag}"


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def bill_of(image: str) -> dict[str, Any]:
    bill: dict[str, Any] = json.loads(
        docker("run", *NO_RIGHTS, "--entrypoint", "cat", image, "/opt/bill-of-materials.cdx.json")
    )
    return bill


def packages(bill: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in bill["components"] if one["purl"].startswith(f"pkg:{kind}/")}


def locked() -> dict[str, tuple[str, set[str]]]:
    """Version and hashes of each package of the lock."""
    found = re.findall(r"^([\w.-]+)==([\w.]+)[^\n]*\\\n((?:    --hash=\S+(?: \\)?\n?)+)", LOCK, re.M)
    return {name: (version, set(re.findall(r"sha256:(\w+)", hashes))) for name, version, hashes in found}


def normalised(name: str) -> str:
    """A package's name as packaging.python.org/specifications/name-normalization writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def size(image: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image))


def files(image: str) -> dict[str, str]:
    """Every file of the image: kind, owner, rights and digest, by path."""
    list_all = (
        "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts -o -path /etc/hostname "
        "-o -path /etc/resolv.conf -o -path /.dockerenv \\) -prune -o -printf '%y %u %g %m %l %p\\n';"
        "find /opt /usr /etc -xdev -type f -not -path /etc/hosts -not -path /etc/hostname -not -path /etc/resolv.conf "
        "-exec sha256sum {} +"
    )
    lines = docker(
        "run", "--rm", "--user", "0", "--network", "none", "--entrypoint", "sh", image, "-c", list_all
    )
    found: dict[str, str] = {}
    for line in lines.splitlines():
        what, _, path = line.rpartition(" ")
        found[path] = found.get(path, "") + what
    return found


def test_it_works_with_no_rights_as_any_user_on_a_root_that_cannot_be_written(image: str) -> None:
    done = subprocess.run(
        ["docker", "run", *NO_RIGHTS, image, "load"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 78, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["code"], said["level"]) == ("invalid_command", "ERROR")


def test_it_is_no_root_and_its_entry_is_python_itself(image: str) -> None:
    (config,) = json.loads(docker("image", "inspect", "--format", "[{{json .Config}}]", image))
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["python", "-m", "csv_import"], (
        "a shell before it would keep SIGTERM to itself"
    )
    assert config["Volumes"] == {"/tmp": {}}


def test_it_has_no_compiler_no_installer_and_nothing_that_fetches(image: str) -> None:
    look = "for tool; do command -v $tool; done; python -c 'import ensurepip' 2>&1; python -m pip 2>&1; true"
    found = docker("run", *NO_RIGHTS, "--entrypoint", "sh", image, "-c", look, "sh", *TOOLS)
    assert re.findall(r"No module named '?(\w+)", found) == ["ensurepip", "pip"]
    assert not [line for line in found.splitlines() if re.fullmatch(r"/\S+", line)]


def test_it_is_small(image: str) -> None:
    assert size(image) - size(BASE) < MOST_MIB_ABOVE_THE_BASE * 2**20


def test_its_bill_names_each_package_of_the_lock_with_a_hash_of_the_lock(image: str) -> None:
    listed = packages(bill_of(image), "pypi")
    assert listed.keys() <= locked().keys()
    assert {"boto3", "orjson", "pycurl", "aws-lambda-powertools"} <= listed.keys()
    for name, package in listed.items():
        version, hashes = locked()[name]
        assert package["version"] == version
        assert package["hashes"][0]["content"] in hashes
    installed = docker(
        "run", *NO_RIGHTS, "--entrypoint", "python", image, "-c",
        "import importlib.metadata as m; print(*sorted({d.name for d in m.distributions()}))",
    )  # fmt: skip
    assert listed.keys() == {normalised(name) for name in installed.split()}


def test_its_bill_names_python_and_what_debian_installed(image: str) -> None:
    bill = bill_of(image)
    python = docker("run", *NO_RIGHTS, "--entrypoint", "python", image, "--version").split()[1]
    assert packages(bill, "generic")["python"]["version"] == python
    listed = docker("run", *NO_RIGHTS, "--entrypoint", "dpkg-query", image, "--show").splitlines()
    assert packages(bill, "deb").keys() == {line.split("\t")[0].partition(":")[0] for line in listed}


def test_its_bill_is_valid_cyclonedx(image: str, tmp_path: Path) -> None:
    """By the schema's own document, which checkov's environment has."""
    document = tmp_path / "bill.json"
    document.write_text(json.dumps(bill_of(image)), encoding="utf-8")
    validate = (
        "import sys, cyclonedx.schema as s, cyclonedx.validation.json as v;"
        "found = v.JsonStrictValidator(s.SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read());"
        "sys.exit(found and str(found))"
    )
    done = subprocess.run(
        [PROJECT / ".venv-checkov" / "bin" / "python", "-c", validate, document],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_same_sources_give_the_same_files(image: str, project: Path) -> None:
    again = files(build(project, "again", "--no-cache"))
    first = files(image)
    assert len(first) > 3000
    assert {
        path: (first.get(path), again.get(path))
        for path in first.keys() | again.keys()
        if first.get(path) != again.get(path)
    } == {}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_each_package_of_the_lock_has_a_wheel_for_either_processor(machine: str, tmp_path: Path) -> None:
    """So one Dockerfile serves both, and neither needs a compiler."""
    platforms = [f"manylinux{libc}_{machine}" for libc in ("_2_28", "_2_17", "2014")]
    options = (
        "--quiet --disable-pip-version-check --require-hashes --only-binary :all: --implementation cp "
        f"--python-version 3.13 --dest {tmp_path} --requirement {PROJECT / 'batch_job' / 'requirements.txt'}"
    )
    words = [*options.split(), *(word for platform in platforms for word in ("--platform", platform))]
    python = PROJECT / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "download", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
