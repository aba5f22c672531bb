"""A second CloudFormation reads the Batch environment too: moto's, with conditions and references of its own.

What moto does not know is said in its words first: it wants a service role, knows instance types one by one, knows
jobs by ContainerProperties only, and their ARN by Ref. `test_second_opinion_of_the_application` has the other template.
"""

import json
from copy import deepcopy
from typing import Any

import boto3
import pytest

from tests.template.batch_stack import EACH, NETWORKS
from tests.template.stacks import Template, deployed

REGION = "eu-central-1"


def in_motos_words(batch: Template) -> Template:
    template = deepcopy(batch)
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Batch::ComputeEnvironment":
            properties["ServiceRole"] = {"Ref": "JobRoleArn"}
            if "InstanceTypes" in properties["ComputeResources"]:
                properties["ComputeResources"]["InstanceTypes"] = ["m6i.large"]
        if resource["Type"] == "AWS::Batch::JobDefinition":
            [task] = properties.pop("EcsProperties")["TaskProperties"]
            [container] = task["Containers"]
            wanted = ("Image", "Command", "Environment", "ResourceRequirements")
            properties["ContainerProperties"] = {name: container[name] for name in wanted}
    for output in template["Outputs"].values():
        if output["Value"].get("Fn::GetAtt", ["", ""])[1] == "JobDefinitionArn":
            output["Value"] = {"Ref": output["Value"]["Fn::GetAtt"][0]}
    return template


class Moto:
    """An account in moto with a network and a role."""

    def __init__(self) -> None:
        self.cloudformation = boto3.client("cloudformation", region_name=REGION)
        self.ec2 = boto3.client("ec2", region_name=REGION)
        self.batch = boto3.client("batch", region_name=REGION)
        iam = boto3.client("iam", region_name=REGION)
        self.role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
        self.given = {"VpcId": vpc, "SubnetIds": subnet}

    def parameters(self, compute: str, network: str) -> Any:
        values = {
            **{"ImageUri": "i", "JobRoleArn": self.role, "ExecutionRoleArn": self.role, "TableName": "t"},
            **{
                "DeploymentName": "d",
                "LedgerTableName": "l",
                "ArtifactsBucketName": "a",
                "ComputeType": compute,
                "Network": network,
            },
            **(self.given if network == "GIVEN" else {}),
        }
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]

    def resources(self, stack: str) -> set[str]:
        listed = self.cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
        # What a condition leaves out it lists without a name.
        return {one["LogicalResourceId"] for one in listed} - {""}


@pytest.fixture
def moto(in_moto: None) -> Moto:
    return Moto()


def ours(batch: Template, compute: str, network: str) -> set[str]:
    """The resources that our own reading of the conditions gives a deployment."""

    return set(deployed(batch, ComputeType=compute, Network=network, **NETWORKS[network]))


@pytest.mark.parametrize(
    ("compute", "network"),
    [pytest.param(*one, marks=pytest.mark.slow) if "SPOT" in one[0] else pytest.param(*one) for one in EACH],
)
def test_it_makes_what_we_expect(batch: Template, moto: Moto, compute: str, network: str) -> None:
    arguments: dict[str, Any] = {
        "StackName": "s",
        "TemplateBody": json.dumps(in_motos_words(batch)),
        "Capabilities": ["CAPABILITY_IAM"],
    }
    moto.cloudformation.create_stack(**arguments, Parameters=moto.parameters(compute, network))
    (stack,) = moto.cloudformation.describe_stacks(StackName="s")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert moto.resources("s") == ours(batch, compute, network)
    (environment,) = moto.batch.describe_compute_environments()["computeEnvironments"]
    assert environment["computeResources"]["type"] == compute
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    (queue,) = moto.batch.describe_job_queues(jobQueues=[outputs["JobQueueArn"]])["jobQueues"]
    (order,) = queue["computeEnvironmentOrder"]
    assert order["computeEnvironment"] == environment["computeEnvironmentArn"]
