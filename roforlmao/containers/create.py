"""Makes the container of a plan, with the least privilege that it can work with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from roforlmao.containers.faults import explanation, translating
from roforlmao.containers.plan import DATA, INPUT, SECRETS, Plan
from roforlmao.containers.traits import Traits
from roforlmao.errors import Busy, ImageNotFound, OperationFailed, ToolFailed

if TYPE_CHECKING:
    from docker import APIClient
    from docker.errors import APIError
    from docker.types import Mount

    from roforlmao.containers.engine import Engine

# Root without any capability cannot write what belongs to another user, so an image that insists on
# root gets these; they reach no further than the container's own mounts.
_FOR_ROOT = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
_LOG_SIZE = "100m"  # what the engine keeps for a launcher that was killed


def create(engine: Engine, plan: Plan, traits: Traits) -> str:
    """The id of a container that is not started yet.

    Errors: ImageNotFound (it is gone), ToolFailed (it names no command), Busy (the name is taken),
    EngineFailed.
    """
    from docker.errors import APIError
    from docker.errors import ImageNotFound as Gone

    with translating("creating the container"):
        try:
            made = engine.api.create_container(
                plan.image,
                list(plan.words) or None,
                name=plan.name,
                user=_user(plan, traits),
                environment=_environment(plan),
                labels=dict(plan.labels),
                host_config=_host_config(engine.api, plan, traits),
            )
        except Gone as error:
            raise ImageNotFound(
                f"The image {plan.image} is not there any more.",
                "It was made on this machine: make it again, then `tool update`.",
            ) from error
        except APIError as error:
            raise _refusal(error, plan) or error from error
    return str(made["Id"])


def _refusal(error: APIError, plan: Plan) -> OperationFailed | None:
    """What we can say better than the engine does."""
    said = explanation([error])
    if error.status_code == 409:
        return Busy(
            f"A container named {plan.name} is there already.",
            f"An earlier run may still be in it; if not, remove it: docker rm --force {plan.name}",
        )
    if "No command specified" in said or "no command or entrypoint" in said:
        return ToolFailed("The image names no command to run.", "Give one: `tool run NAME COMMAND [ARG]...`.")
    if "bind source path does not exist" in said:
        return ToolFailed(
            f"The engine does not see {plan.data}.", "It must run on this machine; look at DOCKER_HOST."
        )
    return None


def _user(plan: Plan, traits: Traits) -> str:
    """Who it is inside, so that its files are the operator's outside."""
    if plan.limits.as_root or traits.rootless:
        return "0:0"
    return f"{os.getuid()}:{os.getgid()}"


def _environment(plan: Plan) -> dict[str, str]:
    files = {f"{name}_FILE": f"{SECRETS}/{name}" for name in plan.secret_files}
    return {"HOME": "/tmp", **files, **plan.env}  # noqa: S108 - inside the container, its own tmpfs


def _host_config(api: APIClient, plan: Plan, traits: Traits) -> dict[str, Any]:
    from docker.types import LogConfig

    limits = plan.limits
    logs = LogConfig(type="local", config={"max-size": _LOG_SIZE, "max-file": "2"})
    return dict(
        api.create_host_config(
            mounts=_mounts(plan, traits),
            network_mode=limits.network,
            mem_limit=limits.memory,
            memswap_limit=limits.memory,
            nano_cpus=int(limits.cpus * 1e9),
            pids_limit=limits.pids,
            cap_drop=["ALL"],
            cap_add=list(_FOR_ROOT) if limits.as_root and not traits.rootless else None,
            security_opt=["no-new-privileges"],
            read_only=True,
            tmpfs=_in_memory(plan, traits),
            init=True if traits.has_init else None,
            log_config=logs if traits.local_log else None,
            # Under an engine that remaps users nobody inside could write the operator's directory.
            userns_mode="host" if traits.remaps and not traits.rootless else None,
        )
    )


def _in_memory(plan: Plan, traits: Traits) -> dict[str, str]:
    mounts = {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={plan.limits.memory}"}  # noqa: S108 - inside
    if traits.copies_up and (plan.data / ".git").exists():
        mounts[f"{DATA}/.git"] = "ro,notmpcopyup,mode=0555,size=4k"
    return mounts


def _mounts(plan: Plan, traits: Traits) -> list[Mount]:
    from docker.types import Mount

    mounts = [Mount(DATA, str(plan.data), type="bind")]
    if (plan.data / ".git").exists() and not traits.copies_up:
        # What git runs (hooks, filters) stands in there, and git runs it as the operator.
        mask = Mount(f"{DATA}/.git", None, type="tmpfs", read_only=True, tmpfs_size=4096, tmpfs_mode=0o555)
        mounts.append(mask)
    if plan.input:
        mounts.append(Mount(INPUT, str(plan.input), type="bind", read_only=True))
    for name, path in plan.secret_files.items():
        mounts.append(Mount(f"{SECRETS}/{name}", str(path), type="bind", read_only=True))
    return mounts
