"""What an account holds, by kind and name: to see what a deployment leaves behind."""

from collections.abc import Callable, Iterator
from typing import Any

from local_aws.embedded import PACKAGES_BUCKET, EmbeddedAws

Named = Callable[[EmbeddedAws], Iterator[str]]


def _pages(aws: EmbeddedAws, service: str, operation: str, list_: str, name: str) -> Iterator[str]:
    client = aws.client(service)
    answers: Any = (
        client.get_paginator(operation).paginate()
        if client.can_paginate(operation)
        else [getattr(client, operation)()]
    )
    for answer in answers:
        for one in answer[list_]:
            yield one if isinstance(one, str) else one[name]


KINDS = {
    "bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "table": ("dynamodb", "list_tables", "TableNames", ""),
    "function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "role": ("iam", "list_roles", "Roles", "RoleName"),
    "instance profile": ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    "log group": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "queue": ("sqs", "list_queues", "QueueUrls", ""),
    "topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "subscription": ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "rule": ("events", "list_rules", "Rules", "Name"),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboard": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "network": ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "subnet": ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "security group": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "gateway": ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "endpoint": ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "route table": ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "launch template": ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    "compute environment": (
        *("batch", "describe_compute_environments", "computeEnvironments"),
        "computeEnvironmentArn",
    ),
    "job queue": ("batch", "describe_job_queues", "jobQueues", "jobQueueArn"),
    "repository": ("ecr", "describe_repositories", "repositories", "repositoryName"),
}


def holdings(aws: EmbeddedAws) -> set[tuple[str, str]]:
    """Give all that the account holds, each with its kind; packaged templates do not count."""
    found = {(kind, name) for kind, where in KINDS.items() for name in _pages(aws, *where)}
    pages = aws.client("batch").get_paginator("describe_job_definitions").paginate(status="ACTIVE")
    definitions = [one for page in pages for one in page["jobDefinitions"] if one["status"] == "ACTIVE"]
    found |= {("job definition", one["jobDefinitionArn"]) for one in definitions}
    return found - {("bucket", PACKAGES_BUCKET)}
