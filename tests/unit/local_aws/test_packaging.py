import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.emulator import PROJECT
from local_aws.packaging import PackagingError, package, sources_archive

Store = dict[str, bytes]
Packaged = Callable[[str], str]

ROOT = """\
Parameters:
  # CodeUri: nowhere/
  Name: {Type: String, Default: "CodeUri: nowhere/"}
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Role: !GetAtt Role.Arn
  B:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: 'code/'
      Name: !Sub ${AWS::StackName}-x
  C:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: nested.yaml
"""


@pytest.fixture
def store() -> Store:
    return {}


@pytest.fixture
def packaged(store: Store, tmp_path: Path) -> Packaged:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("A = 1\n")
    (tmp_path / "nested.yaml").write_text("Resources: {}\n")

    def run(text: str) -> str:
        template = tmp_path / "template.yaml"
        template.write_text(text)
        return package(template, bucket="b", endpoint="http://e", upload=store.__setitem__)

    return run


def test_local_paths_become_places_and_all_else_stays(packaged: Packaged, store: Store) -> None:
    text = store[packaged(ROOT).removeprefix("http://e/b/")].decode()
    archive = next(key for key in store if key.endswith(".zip"))
    nested = next(key for key, content in store.items() if content == b"Resources: {}\n")
    assert text == (
        ROOT.replace("CodeUri: code/\n", f"CodeUri: s3://b/{archive}\n")
        .replace("CodeUri: 'code/'\n", f"CodeUri: s3://b/{archive}\n")
        .replace("TemplateURL: nested.yaml", f"TemplateURL: http://e/b/{nested}")
    )


@pytest.mark.parametrize("place", ["s3://bucket/key.zip", "https://bucket.s3.amazonaws.com/key.zip"])
def test_what_is_in_s3_already_stays(packaged: Packaged, store: Store, place: str) -> None:
    text = f"Resources:\n  A:\n    CodeUri: {place}\n"
    assert store[packaged(text).removeprefix("http://e/b/")].decode() == text


@pytest.mark.parametrize("line", ["CodeUri: missing/", "TemplateURL: missing.yaml", "CodeUri: nested.yaml"])
def test_a_path_that_is_not_there_is_refused(packaged: Packaged, line: str) -> None:
    with pytest.raises(PackagingError, match=line.partition(": ")[2]):
        packaged(f"Resources:\n  A:\n    {line}\n")


def test_the_same_sources_give_the_same_archive(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("A = 1\n")
    before = sources_archive(tmp_path)
    os.utime(source, (1, 1))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"x")
    assert sources_archive(tmp_path) == before


def test_the_projects_templates_hold_no_local_path_after_packaging(store: Store) -> None:
    url = package(PROJECT / "template.yaml", bucket="b", endpoint="http://e", upload=store.__setitem__)
    text = store[url.removeprefix("http://e/b/")].decode()
    assert text.count("CodeUri: s3://b/") == text.count("CodeUri:") == 3
    assert text.count("TemplateURL: http://e/b/") == text.count("TemplateURL:") == 1
    archive = next(content for key, content in store.items() if key.endswith(".zip"))
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert {"trigger.py", "tracker.py", "sweep.py"} <= set(names)
    assert all(name.endswith(".py") for name in names)
