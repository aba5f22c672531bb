"""Which resources a request names, pure: for the services whose requests the emulator checks on `*` alone.

See docs.aws.amazon.com/service-authorization/latest/reference/, the pages of AWS Batch, ECR and EventBridge.
"""

import json
from collections.abc import Mapping


def resources_of(service: str, path: str, body: bytes, *, region: str, account: str) -> list[str]:
    """Give the ARNs that a request is checked on; none where it names none, or the service is another."""
    if service not in ("batch", "ecr", "events"):
        return []
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    if not isinstance(request, dict):
        return []
    here = f"arn:aws:{service}:{region}:{account}"
    if service == "batch":
        return _of_batch(path.lower().rpartition("/")[2], request, here)
    if service == "ecr":
        arn, name = request.get("resourceArn"), request.get("repositoryName")
        return [str(arn)] if arn else [f"{here}:repository/{name}"] if name else []
    return [f"{here}:rule/{request['Name']}"] if "Name" in request else []


def _of_batch(operation: str, request: Mapping[str, object], here: str) -> list[str]:
    """Submitting is checked on the queue and on the definition; what only describes and lists, on neither."""
    if operation in ("terminatejob", "canceljob"):
        return [f"{here}:job/{request.get('jobId', '')}"]
    fields = {
        "submitjob": ("jobQueue", "jobDefinition"),
        "updatejobqueue": ("jobQueue",),
        "deregisterjobdefinition": ("jobDefinition",),
    }
    return [str(request.get(name, "")) for name in fields.get(operation, ())]
