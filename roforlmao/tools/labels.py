"""What an image says of itself, to fill in a form: from the engine that holds it, or from its registry.

Source of the names: https://github.com/opencontainers/image-spec/blob/main/annotations.md. Whoever made
the image wrote the labels: they are foreign text.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from typing import Any

from roforlmao.errors import EngineFailed, RoforlmaoError, Unreachable
from roforlmao.imagename import parse_reference
from roforlmao.tools.image import ImageSource

PREFIX = "org.opencontainers.image."
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def labels_of(image: str, environ: Mapping[str, str], *, timeout: float) -> dict[str, str]:
    """Label to value, without the prefix; empty where neither can be asked. ``timeout`` for each request."""
    try:
        found = _held(image, environ)
        if found is None:
            found = _published(image, timeout)
    except RoforlmaoError:
        return {}
    return {name.removeprefix(PREFIX): value for name, value in found.items() if name.startswith(PREFIX)}


def _held(image: str, environ: Mapping[str, str]) -> Mapping[str, str] | None:
    from roforlmao.containers.engine import connect
    from roforlmao.containers.images import find_image

    try:
        with connect(environ) as engine:
            found = find_image(engine, image)
    except EngineFailed:
        return None
    return found.labels if found else None


def _published(image: str, timeout: float) -> Mapping[str, str]:
    reference = parse_reference(image)
    source = ImageSource(reference, timeout)
    manifest = _object(source.get(f"manifests/{reference.version}"))
    if manifests := manifest.get("manifests"):
        manifest = _object(source.get(f"manifests/{_for_this_machine(manifests)}"))
    config = manifest.get("config")
    digest = str(config.get("digest", "")) if isinstance(config, dict) else ""
    inside = _object(source.get(f"blobs/{digest}")).get("config") if digest else None
    labels = inside.get("Labels") if isinstance(inside, dict) else None
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _for_this_machine(manifests: Any) -> str:
    """The digest of this architecture's manifest, else of the first one. Errors: Unreachable."""
    own = _MACHINES.get(platform.machine(), platform.machine())
    offered = [one for one in manifests if isinstance(one, dict)] if isinstance(manifests, list) else []
    fitting = [one for one in offered if (one.get("platform") or {}).get("architecture") == own]
    if not offered:
        raise Unreachable("Its index names no image.")
    return str((fitting or offered)[0].get("digest", ""))


def _object(text: bytes) -> dict[str, Any]:
    """Errors: Unreachable."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unreachable("What came is no manifest.") from error
    if not isinstance(found, dict):
        raise Unreachable("What came is no manifest.")
    return found
