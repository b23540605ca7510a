"""Images as an engine knows them: what a name stands for, what an image would run, its removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roforlmao.containers.engine import Engine
from roforlmao.containers.faults import translating
from roforlmao.containers.pullfaults import pull_failed
from roforlmao.errors import ImageArchitecture
from roforlmao.imagename import parse_reference
from roforlmao.text import one_line

# What else an engine of that architecture runs by itself.
_RUNS_TOO = {"amd64": ("386",), "arm64": ("arm",)}


@dataclass(frozen=True)
class Image:
    """An image that the engine holds. All texts are foreign; ``size`` is in bytes.

    ``pinned`` is what an engine is told to run, ``digest`` what the receipt names; ``is_local``
    where no registry vouches for it and both are the image id.
    """

    pinned: str
    digest: str
    id: str
    is_local: bool
    size: int
    architecture: str
    created: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    workdir: str
    env: tuple[str, ...]
    labels: Mapping[str, str]


def current_digest(engine: Engine, name: str) -> str:
    """What the name stands for in its registry now, asked by the engine with the operator's login.

    Empty where the engine cannot ask (Podman has no such call). Errors: as ``pull``.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    if engine.about.name == "Podman":
        return ""
    try:
        said = engine.api.inspect_distribution(name)
    except (DockerException, RequestException, OSError) as error:
        raise pull_failed(error, name) from error
    _check_platforms(engine, name, said.get("Platforms") or [])
    return str(said["Descriptor"]["digest"])


def pinned_name(name: str, digest: str) -> str:
    """``repository@digest``."""
    return f"{parse_reference(name).repository}@{digest}"


def find_image(engine: Engine, name: str) -> Image | None:
    """The image that the engine holds under that name, pinned name or id. Errors: EngineFailed."""
    from docker.errors import NotFound

    with translating("looking at the image"):
        try:
            said = engine.api.inspect_image(name)
        except NotFound:
            return None
    return _image(name, said)


def import_image(engine: Engine, name: str, root: bytes, changes: Sequence[str]) -> None:
    """Makes an image of a root directory (a tar archive), as `docker import` does; nothing is pulled.

    ``changes`` are lines of a Dockerfile. Errors: EngineFailed and its kin.
    """
    repository, _, tag = name.rpartition(":")
    with translating("making the image"):
        engine.api.import_image_from_data(root, repository, tag, changes=list(changes))


def check_architecture(engine: Engine, name: str, image: Image) -> None:
    """Errors: ImageArchitecture where the engine cannot run it."""
    _check_platforms(engine, name, [{"architecture": image.architecture, "os": "linux"}])


def remove_image(engine: Engine, pinned: str) -> bool:
    """False where a container still uses it; true where it is gone. Errors: EngineFailed."""
    from docker.errors import APIError, NotFound

    with translating("removing the image"):
        try:
            engine.api.remove_image(pinned)
        except NotFound:
            return True
        except APIError as error:
            if error.status_code != 409:
                raise
            return False
    return True


def _check_platforms(engine: Engine, name: str, platforms: list[Mapping[str, Any]]) -> None:
    own = engine.about.architecture
    runs = {own, *_RUNS_TOO.get(own, ()), ""}
    offered = [
        (str(one.get("os") or ""), str(one.get("architecture") or ""))
        for one in platforms
        if one.get("os") != "unknown"  # the attestations that buildx adds
    ]
    if offered and own and not any(os in ("linux", "") and kind in runs for os, kind in offered):
        there = one_line(", ".join(sorted({kind for _, kind in offered})), 100)
        raise ImageArchitecture(
            f"The image {one_line(name, 120)} is made for {there}; this engine runs {own}.",
            f"Ask its author for a build for linux/{own}.",
        )


def _image(name: str, said: Mapping[str, Any]) -> Image:
    digest = _digest(name, said)
    config = said.get("Config") or {}
    image_id = str(said["Id"])
    return Image(
        pinned=pinned_name(name, digest) if digest else image_id,
        digest=digest or image_id,
        id=image_id,
        is_local=not digest,
        size=int(said.get("Size") or 0),
        architecture=str(said.get("Architecture") or ""),
        created=str(said.get("Created") or ""),
        entrypoint=_words(config.get("Entrypoint")),
        command=_words(config.get("Cmd")),
        user=str(config.get("User") or ""),
        workdir=str(config.get("WorkingDir") or ""),
        env=_words(config.get("Env")),
        labels={str(key): str(value) for key, value in (config.get("Labels") or {}).items()},
    )


def _digest(name: str, said: Mapping[str, Any]) -> str:
    """The digest by which the registry of that name knows it; empty for a local build or another name."""
    if name.startswith("sha256:"):
        return ""
    wanted = parse_reference(name)
    digests = [str(one).rpartition("@") for one in said.get("RepoDigests") or []]
    ours = [digest for repository, _, digest in digests if _same(repository, wanted.repository)]
    return wanted.digest if wanted.digest in ours else (ours[0] if ours else "")


def _same(repository: str, wanted: str) -> bool:
    """Docker writes ``a/b`` where Podman writes ``docker.io/a/b``."""
    return any(repository == prefix + wanted for prefix in ("", "docker.io/", "docker.io/library/"))


def _words(found: Any) -> tuple[str, ...]:
    if isinstance(found, str):
        return (found,)
    return tuple(map(str, found or ()))
