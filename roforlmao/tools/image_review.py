"""What a container tool will run: its image, by digest, shown for trust and compared."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from roforlmao.limits import Limits
from roforlmao.models import Tool
from roforlmao.text import one_line
from roforlmao.tools.records import Installed
from roforlmao.tools.review import Standing, difference, shown

if TYPE_CHECKING:
    from roforlmao.containers.images import Image

_WIDE = 200


@dataclass(frozen=True)
class ImageReview:
    """All that the operator is asked to trust; the digest stands for every byte of the image.

    ``inside`` is what the image says of itself, ``terms`` what it gets from this operator: both only
    shown, neither is part of the ``fingerprint``.
    """

    name: str
    image: str
    digest: str
    registered_by: str
    is_local: bool = False
    inside: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over tool, image name and digest; who registered it may change."""
        return hashlib.sha256(json.dumps([self.name, self.image, self.digest]).encode()).hexdigest()

    @property
    def runs(self) -> str:
        return f"the image {one_line(self.image, 120)}"

    def origin(self) -> list[str]:
        what = "Image id (made on this machine, no registry has it)" if self.is_local else "Digest"
        return [
            f"Image: {one_line(self.image, _WIDE)}",
            f"{what}: {one_line(self.digest, 100)}",
            f"Registered by: {one_line(self.registered_by, 100) or 'unknown'}",
        ]

    def contents(self) -> list[str]:
        inside = ["What the image says of itself:", *shown("\n".join(self.inside))] if self.inside else []
        return [*inside, *(f"It gets: {term}" for term in self.terms)]


def review(tool: Tool, image: Image, limits: Limits | None) -> ImageReview:
    """The review of an image that the engine holds."""
    return ImageReview(
        tool.name,
        tool.image,
        image.digest,
        tool.registered_by,
        image.is_local,
        tuple(describe(image)),
        tuple(terms_of(limits)) if limits else (),
    )


def describe(image: Image) -> list[str]:
    """The image's own configuration, one fact a line; foreign text."""
    words = [*image.entrypoint, *image.command]
    return [
        f"starts: {shlex.join(words) if words else 'nothing unless it is told what'}",
        f"user: {image.user or 'root'}",
        f"directory: {image.workdir or '/'}",
        f"made: {image.created[:19] or 'unknown'}, {image.size / 1e6:,.1f} MB, for {image.architecture}",
        *(f"variable: {variable}" for variable in image.env),
        *(f"label {key}: {value}" for key, value in sorted(image.labels.items())),
    ]


def terms_of(limits: Limits) -> list[str]:
    """What the operator's own configuration gives it."""
    user = "root inside the container" if limits.as_root else "you, not root, whatever the image says"
    size = f"{limits.memory / 2**20:,.0f} MB of memory"
    lines = [
        f"at most {size}, {limits.cpus:g} processors, {limits.pids:,} processes, {limits.timeout_s:,.0f} s",
        f"network: {limits.network}",
        f"user: {user}",
        "files: its data directory to write to, nothing else of this machine",
    ]
    return [*lines, f"secrets: {', '.join(limits.secrets)}"] if limits.secrets else lines


def differences(before: ImageReview, after: ImageReview) -> list[str]:
    """What changed between two reviews, as lines to show."""
    lines = []
    if before.image != after.image:
        lines.append(f"Image: was {one_line(before.image, _WIDE)}, is {one_line(after.image, _WIDE)}")
    lines.append(f"Digest: was {one_line(before.digest, 100)}")
    if not before.inside:
        return [*lines, "The old image is gone from the engine; the new one:", *after.contents()]
    if before.inside == after.inside:
        return [*lines, "The image says of itself what it said before."]
    return [*lines, *difference("image", "\n".join(before.inside), "\n".join(after.inside))]


def standing(installed: Installed, tool: Tool | None) -> Standing:
    """What a run would start now: always what was trusted; only the registry's entry may be another."""
    image = tool.image if tool else installed.image
    by = tool.registered_by if tool else installed.registered_by
    now = ImageReview(installed.name, image, installed.digest, by, inside=(f"runs as {installed.pinned}",))
    return Standing(
        now, replace(installed, image=image, fingerprint=now.fingerprint), _since(installed, image)
    )


def _since(installed: Installed, image: str) -> Sequence[str]:
    if image == installed.image:
        return []
    return [
        f"The registry now names {one_line(image, _WIDE) or 'no image'} as its image,",
        f"but what is installed, and would run, came from {one_line(installed.image, _WIDE)}.",
        f"`tool update {installed.name}` brings the other one.",
    ]
