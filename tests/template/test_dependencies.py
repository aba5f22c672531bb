"""CloudFormation can put the resources in an order, also with what SAM adds between bucket and function."""

from graphlib import TopologicalSorter

from tests.template.stacks import Template, of_type, references
from tests.template.transform import transformed


def _edges(template: Template) -> dict[str, set[str]]:
    """Which resources each resource waits for."""
    resources = template["Resources"]
    return {name: {n for n in references(r) if n in resources} for name, r in resources.items()}


def _order(template: Template) -> list[str]:
    """An order in which the resources can be made; raises `graphlib.CycleError` with the circle."""
    return list(TopologicalSorter(_edges(template)).static_order())


def test_the_application_holds_no_circle(expanded: Template) -> None:
    order = _order(expanded)
    assert order.index("BatchStack") < order.index("TriggerFunction") < order.index("InputBucket")


def test_the_batch_environment_holds_no_circle(batch: Template) -> None:
    order = _order(batch)
    for environment, queue in (("Fargate", "Fargate"), ("FargateSpot", "Fargate"), ("Ec2", "Ec2")):
        assert order.index(f"{environment}Environment") < order.index(f"{queue}Queue")


def test_the_ways_out_are_there_before_and_go_after_the_jobs(batch: Template) -> None:
    ways = {"DefaultRoute", "SubnetARoutes", "SubnetBRoutes"}
    endpoints = of_type(batch, "AWS::EC2::VPCEndpoint").keys()
    for_hosts = {name for name in endpoints if name.startswith("Ecs")}
    edges = _edges(batch)
    assert ways | endpoints <= edges["Ec2Environment"]
    for environment in ("FargateEnvironment", "FargateSpotEnvironment"):
        assert ways | endpoints - for_hosts <= edges[environment]


def test_the_edges_are_those_that_sam_makes(expanded: Template) -> None:
    made = _edges(transformed())
    ours = _edges(expanded)
    assert made["InputBucket"] == {"TriggerFunction", "TriggerFunctionObjectCreatedPermission"}
    assert {name: edges for name, edges in made.items() if name in ours} == ours
    # What else it makes hangs on a function and nothing hangs on it.
    more = made.keys() - ours.keys()
    assert {edge for name in more for edge in made[name]} <= {n for n in ours if n.endswith("Function")}
    assert not more & {edge for edges in made.values() for edge in edges}


def test_functions_wait_for_their_permissions(expanded: Template) -> None:
    edges = _edges(expanded)
    for function in ("TriggerFunction", "TrackerFunction", "SweepFunction"):
        assert {"AdvancePolicy", "KmsPolicy"} <= edges[function]


def test_every_name_that_is_referred_to_exists(expanded: Template, batch: Template) -> None:
    for template in (expanded, batch):
        known = template["Resources"].keys() | template["Parameters"].keys()
        named = {
            n for n in references([template["Resources"], template["Outputs"]]) if not n.startswith("AWS::")
        }
        assert named <= known


def test_the_batch_stack_puts_out_whatever_the_application_takes_from_it(
    root: Template, batch: Template
) -> None:
    text = str(root)
    taken = {name for name in batch["Outputs"] if f"'Outputs.{name}'" in text}
    assert taken == batch["Outputs"].keys()
    assert text.count("'Outputs.") == sum(text.count(f"'Outputs.{name}'") for name in taken)
