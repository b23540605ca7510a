"""The container engine: where it listens, and what it is. Docker, rootless Docker or Podman.

Whoever needs it connects; nothing here is loaded before.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from roforlmao.containers.faults import HOST_HINT, hint_for_absent, translate
from roforlmao.errors import EngineAbsent, EngineDenied, EngineMisaddressed, EngineTooOld, RoforlmaoError
from roforlmao.text import one_line

if TYPE_CHECKING:
    from docker import APIClient

OLDEST_API = (1, 40)
"""Docker 19.03 and Podman 3: the first with every limit that a run sets."""
STALL_S = 120.0
"""Seconds without a byte after which a pull counts as stalled."""
_CONNECT_S = 10  # seconds for the first answer
_CALL_S = 60  # seconds for an answer to any later call
_ROOTFUL = "/var/run/docker.sock"


@dataclass(frozen=True)
class About:
    """What an engine says of itself; ``architecture`` is the Go name, such as ``amd64``."""

    name: str
    version: str
    api: str
    system: str
    architecture: str


@dataclass(frozen=True)
class Engine:
    """A connection that stands; ``where`` is the address. Closes with ``with``."""

    api: APIClient
    about: About
    where: str

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, so that it can mount directories of ours."""
        return self.where.startswith(("unix:", "http+unix:"))

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.api.close()


def connect(environ: Mapping[str, str]) -> Engine:
    """The engine of ``DOCKER_HOST``, the current docker context, or a socket in a usual place.

    Errors: EngineAbsent, EngineDenied, EngineMisaddressed, EngineTooOld, EngineSilent.
    """
    named = _named(environ)
    if named:
        return _open(named)
    refused: RoforlmaoError | None = None
    for path in filter(os.path.exists, usual_sockets(environ)):
        try:
            return _open({"base_url": f"unix://{path}"})
        except (EngineAbsent, EngineDenied) as error:
            refused = refused or error
    raise refused or EngineAbsent("There is no container engine on this machine.", hint_for_absent())


def usual_sockets(environ: Mapping[str, str]) -> Iterator[str]:
    """Where engines listen when nobody says where: rootful, rootless, Docker Desktop, Podman."""
    yield _ROOTFUL
    own = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    home = Path(environ.get("HOME") or Path.home())
    yield str(own / "docker.sock")
    yield str(home / ".docker" / "run" / "docker.sock")
    yield str(home / ".docker" / "desktop" / "docker.sock")
    yield str(own / "podman" / "podman.sock")
    yield "/run/podman/podman.sock"


def _named(environ: Mapping[str, str]) -> dict[str, Any]:
    """The client's arguments where the operator says which engine; empty where they do not."""
    from docker.context import ContextAPI
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        named = kwargs_from_env(environment=dict(environ))
        if "base_url" in named:
            return dict(named)
        context = ContextAPI.get_context(environ.get("DOCKER_CONTEXT"))
    except (DockerException, OSError, ValueError) as error:
        raise EngineMisaddressed(
            f"Your Docker configuration cannot be used: {one_line(str(error), 200)}", HOST_HINT
        ) from error
    if context is None:
        shown = one_line(environ.get("DOCKER_CONTEXT") or "named in your Docker configuration", 60)
        raise EngineMisaddressed(f"There is no docker context '{shown}'.", "See: `docker context ls`.")
    if context.name == "default" or not context.Host:
        return {}
    return {"base_url": context.Host, **({"tls": context.TLSConfig} if context.TLSConfig else {}), **named}


def _open(arguments: Mapping[str, Any]) -> Engine:
    """Asks for the version first, then speaks that version: the SDK's own look leaks its socket."""
    from roforlmao.containers.client import Client

    where = one_line(str(arguments["base_url"]), 200)
    if where.startswith("ssh:"):
        raise EngineMisaddressed(
            f"The engine at {where} is on another machine: its containers could not see your data.",
            "Name an engine of this machine in DOCKER_HOST, or `docker context use default`.",
        )
    about = _ask(arguments, where)
    _check(about, where)
    return Engine(Client(timeout=_CALL_S, version=about.api, **arguments), about, where)


def _ask(arguments: Mapping[str, Any], where: str) -> About:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    from roforlmao.containers.client import Client

    try:
        if where.startswith("unix://"):
            _knock(where.removeprefix("unix://"))
        api = Client(timeout=_CONNECT_S, version="1.40", **arguments)
        with closing(api):
            said = api.version(api_version=False)
    except (DockerException, RequestException, OSError, ValueError) as error:
        raise translate(error, "", where=where) from error
    if not isinstance(said, dict):
        raise EngineMisaddressed(f"What answers at {where} is no container engine.", HOST_HINT)
    return _about(said)


def _knock(path: str) -> None:
    """Whether anybody listens there; the SDK leaves a socket open that is refused. Errors: OSError."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(_CONNECT_S)
        one.connect(path)


def _about(said: Mapping[str, Any]) -> About:
    components = said.get("Components") or [{}]
    name = "Podman" if any("podman" in str(part.get("Name", "")).lower() for part in components) else "Docker"
    version, api, system, architecture = (
        one_line(str(said.get(key, "")), 40) for key in ("Version", "ApiVersion", "Os", "Arch")
    )
    return About(name, version, api, system, architecture)


def _check(about: About, where: str) -> None:
    numbers = tuple(int(part) for part in about.api.split(".") if part.isdecimal())
    if numbers < OLDEST_API:
        raise EngineTooOld(
            f"The engine at {where} is too old: {about.name} {about.version} (API {about.api}).",
            "Docker 19.03 or Podman 3 at least; install a newer one.",
        )
    if about.system != "linux":
        raise EngineMisaddressed(
            f"The engine at {where} runs {about.system or 'unknown'} containers.",
            "Container tools are for Linux: switch the engine over, or name another one in DOCKER_HOST.",
        )
