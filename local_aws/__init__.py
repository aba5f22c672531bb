"""The embedded default: AWS on this machine, for `make run` and the end-to-end tests.

An emulator from PyPI (ministack) serves the APIs on a loopback port, in a process and an environment of its own.
The resources come from the project's templates, through the emulator's CloudFormation; functions and jobs run in
the project's environment, each in its own process. What the emulator lacks is added here:

In the project's environment
    embedded            all of it, as one context manager
    emulator            the emulator's process: started, watched, never left behind
    packaging           what `sam package` does
    deployment          what `sam deploy` does
    local_functions     functions as SAM's own command line (sam_cli) builds and invokes them: `make invoke`

In the emulator's environment
    emulator_process    serves, with the additions below
    batch_types         AWS::Batch::* in CloudFormation
    batch_service       Batch's calls about definitions and jobs; their changes become events
    batch_scheduler     runs jobs: a queue, so many at a time, attempt after attempt
    object_ranges       ranges of named versions of objects
    nested_stacks       updates of nested stacks forget nothing
    alarms              alarms on a query in CloudFormation
    function_workers    Lambda's Python is the project's
    function_containers or Lambda's own image runs them, where containers are wanted
    permissions         the roles of jobs, the resources that requests name

Pure, or free of either
    batch_jobs, batch_arrays, batch_containers, batch_listing, batch_process, batch_docker, batch_properties,
    batch_refusals, batch_retries, batch_updates, docker_engine, environments, image, request_resources

docs/architecture.md says how all this differs from AWS.
"""
