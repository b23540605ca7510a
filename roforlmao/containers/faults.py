"""What went wrong between us and the engine, told apart by its cause and put in a sentence.

The SDK raises one ``DockerException`` for an engine that is absent, denied or hung; what happened
is in the chain of causes (measured with docker 7.2 on engine 20.10).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import IncompleteRead

from roforlmao.errors import (
    EngineAbsent,
    EngineDenied,
    EngineFailed,
    EngineLost,
    EngineMisaddressed,
    EngineSilent,
    EngineTooOld,
    RoforlmaoError,
    StorageFailed,
)
from roforlmao.text import one_line

_SAID = 300


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Errors of the SDK in the block leave it as ours. ``doing`` as in "creating the container"."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (DockerException, RequestException, HTTPError, OSError) as error:
        raise translate(error, doing) from error


def translate(error: BaseException, doing: str, *, where: str = "") -> RoforlmaoError:
    """The error to raise for one of the SDK's; ``where`` is the engine's address if that is in question."""
    chain = list(causes(error))
    engine = f"The container engine at {where}" if where else "The container engine"
    by = f" while {doing}" if doing else ""
    for kinds, make in _BY_CAUSE:
        found = next((cause for cause in chain if isinstance(cause, kinds)), None)
        if found is not None:
            return make(engine, by)
    said = explanation(chain)
    if "no space left on device" in said.lower():
        return StorageFailed(
            f"The engine's disk is full{by}.", "`docker system df` shows what takes the room."
        )
    if _is_misaddressed(chain, said):
        return EngineMisaddressed(f"{engine} cannot be spoken to{by}: {said}", HOST_HINT)
    if "no longer supported" in said or "is too old" in said:
        return EngineTooOld(f"{engine} is too old: {said}", "Install a newer one.")
    return EngineFailed(f"The engine failed{by}: {said or type(error).__name__}", "See the engine's own log.")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, outermost first: causes, contexts, and errors inside errors."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inside = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        left += [each for each in inside if isinstance(each, BaseException)]


def explanation(chain: list[BaseException]) -> str:
    """What the engine said, else what the SDK said: cleaned, on one line."""
    for cause in chain:
        said = getattr(cause, "explanation", None)
        if said:
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            return _sentence(text)
    return _sentence(str(chain[0]))


def _sentence(text: str) -> str:
    shown = one_line(text, _SAID).rstrip(".")
    return f"{shown}." if shown else ""


def hint_for_absent() -> str:
    return (
        "Install and start Docker or Podman (`systemctl start docker`), or name the engine in DOCKER_HOST. "
        "Script tools need none."
    )


HOST_HINT = "Look at DOCKER_HOST, DOCKER_CONTEXT and DOCKER_TLS_VERIFY; `docker context ls` shows contexts."


def _absent(engine: str, by: str) -> RoforlmaoError:
    return EngineAbsent(f"{engine} does not run{by}.", hint_for_absent())


def _denied(engine: str, by: str) -> RoforlmaoError:
    return EngineDenied(
        f"{engine} does not let you in{by}.",
        "Join its group (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine.",
    )


def _silent(engine: str, by: str) -> RoforlmaoError:
    return EngineSilent(
        f"{engine} does not answer{by}.", "It hangs, or is not reached; `systemctl restart docker` may help."
    )


def _lost(engine: str, by: str) -> RoforlmaoError:
    return EngineLost(f"{engine} went away{by}.", "It was stopped or restarted; try again once it runs.")


def _unknown_host(engine: str, by: str) -> RoforlmaoError:
    return EngineMisaddressed(f"{engine} is on a host that cannot be found{by}.", HOST_HINT)


def _no_tls(engine: str, by: str) -> RoforlmaoError:
    return EngineMisaddressed(f"{engine} does not agree on TLS{by}.", HOST_HINT)


# In this order: the first kind that is anywhere in the chain decides. ConnectionError last, it is the base
# of the refused one.
_BY_CAUSE = (
    ((FileNotFoundError, ConnectionRefusedError), _absent),
    ((PermissionError,), _denied),
    ((socket.gaierror,), _unknown_host),
    ((ssl.SSLError,), _no_tls),
    ((TimeoutError,), _silent),
    ((ConnectionError, IncompleteRead), _lost),
)


def _is_misaddressed(chain: list[BaseException], said: str) -> bool:
    words = ("Invalid bind address", "HTTPS server", "Invalid URL", "Failed to parse", "protocol is")
    not_an_engine = any(isinstance(cause, ValueError) for cause in chain) and not hasattr(
        chain[0], "explanation"
    )
    return not_an_engine or any(word in said for word in words)
