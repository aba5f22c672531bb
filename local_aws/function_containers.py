"""Lambda functions run in AWS's image of their runtime, from the code that was deployed; runs in the emulator."""

import contextlib
import hashlib
import http.client
import io
import json
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc

from local_aws.docker_engine import DockerError, Engine

_PORT = 8080
_INVOKE = "/2015-03-31/functions/function/invocations"
_START_TIMEOUT_S = 60.0
_POLL_S = 0.05

Answer = dict[str, Any]


@dataclass(frozen=True)
class FunctionContainer:
    """A container that takes one invocation at a time."""

    address: str
    turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Give where the runtime interface emulator takes invocations."""
        return f"http://{self.address}{_INVOKE}"


class FunctionContainers:
    """The containers of all functions, each started at the first invocation of a version of its function."""

    def __init__(self, engine: Engine, *, environment: Mapping[str, str], folder: Path) -> None:
        self._engine = engine
        self._environment = environment
        self._folder = folder
        self._lock = threading.Lock()
        self._running: dict[str, FunctionContainer] = {}

    def execute(self, function: Mapping[str, Any], event: Any, request_id: str) -> Answer:
        """Invoke a function; an error that it raised is an answer, as on AWS."""
        config = function.get("config") or function
        try:
            container = self._container_of(config, function["code_zip"])
        except DockerError as error:
            return {"body": {"errorMessage": str(error), "errorType": "Runtime.StartError"}, "error": True}
        with container.turn:
            answer: Answer = lambda_svc._execute_function_proxy(function, event, container.url, request_id)
        body = answer.get("body")
        return {**answer, "error": True} if isinstance(body, dict) and "errorType" in body else answer

    def _container_of(self, config: Mapping[str, Any], archive: bytes) -> FunctionContainer:
        code = hashlib.sha256(archive).hexdigest()
        version = json.dumps([config["FunctionArn"], code, config.get("Environment"), config.get("Handler")])
        with self._lock:
            if version not in self._running:
                self._running[version] = self._start(config, self._unpacked(archive, code))
            return self._running[version]

    def _unpacked(self, archive: bytes, code: str) -> Path:
        folder = self._folder / code[:16]
        if not folder.exists():
            with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                zipped.extractall(folder)
        return folder

    def _start(self, config: Mapping[str, Any], code: Path) -> FunctionContainer:
        variables = {
            **self._environment,
            "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(config.get("Timeout") or 3),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize") or 128),
            **execution_credentials(dict(config)),
            **((config.get("Environment") or {}).get("Variables") or {}),
        }
        flags = ["--detach", "--rm", f"--publish=127.0.0.1::{_PORT}", f"--volume={code}:/var/task:ro"]
        words = self._engine.run_command(flags, variables, [image_of(config["Runtime"]), config["Handler"]])
        container = self._engine.call(*words, variables=variables)
        address = self._engine.call("docker", "port", container, f"{_PORT}/tcp").splitlines()[0]
        _wait_until_it_answers(address)
        return FunctionContainer(address)


def image_of(runtime: str) -> str:
    """Name AWS's image of a Python runtime (gallery.ecr.aws/lambda/python)."""
    return f"public.ecr.aws/lambda/python:{runtime.removeprefix('python')}"


def install(engine: Engine, *, environment: Mapping[str, str], folder: Path) -> None:
    """Run functions in containers that find `environment` beside their own; `folder` takes their code."""
    containers = FunctionContainers(engine, environment=environment, folder=folder)
    lambda_svc._execute_function_warm = containers.execute


def _wait_until_it_answers(address: str) -> None:
    """Wait for the first answer, whatever it is: connections are taken before anybody listens."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(address, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/")
            connection.getresponse()
            return
        time.sleep(_POLL_S)
    raise DockerError(f"the container at {address} does not answer")
