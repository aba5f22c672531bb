"""What the templates' roles do not allow is refused here as it would be on AWS."""

import json
from pathlib import Path

import pytest

from local_aws.embedded import running
from local_aws.emulator import PROJECT
from tests.end_to_end.application import Application

SAMPLE = (PROJECT / "samples" / "sample.csv").read_bytes()


def template_without(text: str, folder: Path) -> Path:
    """Copy the project's templates, but for a piece of template.yaml."""
    for name in ("functions", "batch-template.yaml"):
        (folder / name).symlink_to(PROJECT / name)
    whole = (PROJECT / "template.yaml").read_text()
    assert text in whole
    (folder / "template.yaml").write_text(whole.replace(text, ""))
    return folder / "template.yaml"


def test_a_job_may_not_do_what_its_role_may_not(tmp_path: Path) -> None:
    template = template_without("                  - dynamodb:BatchWriteItem\n", tmp_path)
    with running(tmp_path / "run", template=template) as aws:
        application = Application(aws)
        dropped = application.drop("sample.csv", SAMPLE)
        failure = application.closed(dropped.import_id).failure
        assert failure
        assert failure.code == "table_forbidden"
        assert "dynamodb:BatchWriteItem" in failure.message
        assert not application.items("sample.csv")


@pytest.mark.parametrize(
    "resource",
    [
        "              - !GetAtt BatchStack.Outputs.JobQueueArn\n",
        """\
              - !Sub
                - arn:${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}:${JobDefinition}:*
                - JobDefinition: !Select [5, !Split [":", !GetAtt BatchStack.Outputs.LoadJobDefinitionArn]]
""",
    ],
    ids=["queue", "definition"],
)
def test_submitting_takes_both_the_queue_and_the_definition(tmp_path: Path, resource: str) -> None:
    template = template_without(resource, tmp_path)
    with running(tmp_path / "run", template=template) as aws:
        application = Application(aws)
        with application.without_notifications():
            dropped = application.drop("sample.csv", SAMPLE)
        answer = aws.client("lambda").invoke(
            FunctionName=aws.outputs["TriggerFunctionName"], Payload=json.dumps(application.event(dropped))
        )
        assert "FunctionError" in answer
        assert application.import_of(dropped.import_id).submitted_at
        assert not application.jobs_of(dropped.import_id)
