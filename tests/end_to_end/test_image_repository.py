"""pipeline-template.yaml without a pipeline: a repository, ready for `make image`."""

from pathlib import Path

from local_aws.deployment import delete, deploy
from local_aws.embedded import empty
from tests.template.stacks import PIPELINE_TEMPLATE


def test_the_stack_is_a_repository_that_says_where_it_is_and_goes_with_it(tmp_path: Path) -> None:
    with empty(tmp_path) as aws:
        cloudformation, ecr = aws.client("cloudformation"), aws.client("ecr")
        outputs = deploy(
            cloudformation, stack="pipeline", template_url=aws.package(PIPELINE_TEMPLATE), parameters={}
        )
        (repository,) = ecr.describe_repositories()["repositories"]
        assert outputs == {"RepositoryUri": repository["repositoryUri"]}
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
        delete(cloudformation, stack="pipeline")
        assert ecr.describe_repositories()["repositories"] == []
