"""The embedded default: AWS on this machine, for `make run` and the end-to-end tests.

An emulator from PyPI (ministack) serves the APIs on a loopback port, in an environment of its own. The
resources come from the project's templates, through the emulator's CloudFormation. What the emulator lacks
is added here, in two kinds of modules:

in the project's environment     `embedded` (all of it, as one context manager), `emulator` (the process),
                                 `packaging` (what `sam package` does), `deployment` (what `sam deploy` does)
in the emulator's environment    `emulator_process` (serves), `batch_service` (the API of AWS Batch),
                                 `batch_types` (its CloudFormation types), `function_workers` (Lambda's Python)
in either, pure                  `batch_jobs`, `batch_containers`, `batch_retries`, `batch_properties`, `image`
in either                        `batch_process` (one attempt of a job, as a child process)

docs/architecture.md lists how all this differs from AWS.
"""
