"""The network of the jobs costs nothing by the hour unless it is asked for; nothing comes in, only HTTPS goes out."""

import pytest

from tests.template.batch_stack import COMPUTE_TYPES, EACH, deployment, only
from tests.template.stacks import Template, of_type, references


def _endpoints(template: Template, kind: str) -> set[str]:
    """The services that have an endpoint of a kind."""
    return {
        e["Properties"]["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.")
        for e in of_type(template, "AWS::EC2::VPCEndpoint").values()
        if e["Properties"]["VpcEndpointType"] == kind
    }


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_nothing_in_the_default_network_is_billed_by_the_hour(batch: Template, compute: str) -> None:
    chosen = deployment(batch, compute)
    types = {resource["Type"] for resource in chosen["Resources"].values()}
    assert not types & {"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance"}
    assert not _endpoints(chosen, "Interface")


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_s3_and_dynamodb_are_reached_through_gateway_endpoints(batch: Template, network: str) -> None:
    assert _endpoints(deployment(batch, network=network), "Gateway") == {"s3", "dynamodb"}


@pytest.mark.parametrize(
    ("compute", "more"), [("FARGATE", set()), ("EC2", {"ecs", "ecs-agent", "ecs-telemetry"})]
)
def test_a_private_network_has_endpoints_instead_of_a_way_out(
    batch: Template, compute: str, more: set[str]
) -> None:
    # docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
    chosen = deployment(batch, compute, "PRIVATE")
    assert _endpoints(chosen, "Interface") == {"ecr.api", "ecr.dkr", "logs"} | more
    types = {resource["Type"] for resource in chosen["Resources"].values()}
    assert not types & {"AWS::EC2::InternetGateway", "AWS::EC2::Route"}
    for endpoint in of_type(chosen, "AWS::EC2::VPCEndpoint").values():
        if endpoint["Properties"]["VpcEndpointType"] == "Interface":
            assert endpoint["Properties"]["PrivateDnsEnabled"] is True
    group = chosen["Resources"]["EndpointSecurityGroup"]["Properties"]
    [ingress] = group["SecurityGroupIngress"]
    assert ingress["SourceSecurityGroupId"] == {"Ref": "JobSecurityGroup"}
    assert (ingress["FromPort"], ingress["ToPort"]) == (443, 443)


@pytest.mark.parametrize("compute", COMPUTE_TYPES)
def test_in_a_given_network_nothing_is_made_but_the_security_group(batch: Template, compute: str) -> None:
    chosen = deployment(batch, compute, "GIVEN")
    network = {r["Type"] for r in chosen["Resources"].values() if r["Type"].startswith("AWS::EC2::")}
    assert network - {"AWS::EC2::LaunchTemplate"} == {"AWS::EC2::SecurityGroup"}
    resources = only(chosen, "AWS::Batch::ComputeEnvironment")["ComputeResources"]
    assert resources["Subnets"] == "subnet-1,subnet-2", "a list, once CloudFormation has read it"
    assert only(chosen, "AWS::EC2::SecurityGroup")["VpcId"] == "vpc-1"


@pytest.mark.parametrize(
    ("compute", "network", "given"),
    [
        ("FARGATE", "PUBLIC", False),
        ("EC2", "PUBLIC", True),
        ("SPOT", "PUBLIC", True),
        ("EC2", "PRIVATE", False),
    ],
)
def test_only_a_host_in_a_public_subnet_is_given_an_address_by_it(
    batch: Template, compute: str, network: str, given: bool
) -> None:
    for subnet in of_type(deployment(batch, compute, network), "AWS::EC2::Subnet").values():
        assert subnet["Properties"]["MapPublicIpOnLaunch"] is given


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_only_requests_of_the_account_to_what_is_its_own_pass_the_gateways(
    batch: Template, network: str
) -> None:
    own = {
        "aws:PrincipalAccount": {"Ref": "AWS::AccountId"},
        "aws:ResourceAccount": {"Ref": "AWS::AccountId"},
    }
    gateways = [
        e["Properties"]
        for e in of_type(deployment(batch, network=network), "AWS::EC2::VPCEndpoint").values()
        if e["Properties"]["VpcEndpointType"] == "Gateway"
    ]
    statements = [one for gateway in gateways for one in gateway["PolicyDocument"]["Statement"]]
    assert len(gateways) == 2
    assert [s["Condition"] for s in statements if "Condition" in s] == [{"StringEquals": own}] * 2
    # docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html has the bucket of the layers.
    [layers] = [s for s in statements if "Condition" not in s]
    assert layers["Action"] == "s3:GetObject"
    assert layers["Resource"] == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*"
    }


def test_subnets_stand_in_the_zones_that_are_named(batch: Template) -> None:
    subnets = of_type(deployment(batch, ZoneA="eu-west-1c", ZoneB="eu-west-1a"), "AWS::EC2::Subnet")
    zones = {name: subnet["Properties"]["AvailabilityZone"] for name, subnet in subnets.items()}
    assert zones == {"SubnetA": "eu-west-1c", "SubnetB": "eu-west-1a"}


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_nothing_comes_in_and_only_https_goes_out(batch: Template, compute: str, network: str) -> None:
    chosen = deployment(batch, compute, network)
    group = chosen["Resources"]["JobSecurityGroup"]["Properties"]
    assert "SecurityGroupIngress" not in group
    assert not of_type(chosen, "AWS::EC2::SecurityGroupIngress")
    [egress] = group["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)


@pytest.mark.parametrize("network", ["PUBLIC", "PRIVATE"])
def test_two_subnets_stand_in_two_zones_and_have_their_routes(batch: Template, network: str) -> None:
    chosen = deployment(batch, network=network)
    subnets = of_type(chosen, "AWS::EC2::Subnet")
    zones = {s["Properties"]["AvailabilityZone"]["Fn::Select"][0] for s in subnets.values()}
    assert zones == {0, 1}
    associations = of_type(chosen, "AWS::EC2::SubnetRouteTableAssociation").values()
    assert {a["Properties"]["SubnetId"]["Ref"] for a in associations} == subnets.keys()


@pytest.mark.parametrize(("compute", "network"), EACH)
def test_every_name_that_a_deployment_refers_to_is_part_of_it(
    batch: Template, compute: str, network: str
) -> None:
    chosen = deployment(batch, compute, network)
    named = {n for n in references(chosen["Resources"]) if not n.startswith("AWS::")}
    assert named <= chosen["Resources"].keys() | batch["Parameters"].keys()
