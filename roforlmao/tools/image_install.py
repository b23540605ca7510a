"""Installs a container tool: its image by digest, trust, and the clone of its data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from roforlmao.errors import BadInput, ImageDenied, ImageNotFound, Unreachable, Untrusted
from roforlmao.imagename import check_image
from roforlmao.models import Tool
from roforlmao.paths import Places
from roforlmao.text import one_line
from roforlmao.tools import pulled, records
from roforlmao.tools.container import DEFAULT_COMMAND
from roforlmao.tools.data_clone import fetch_data
from roforlmao.tools.image_review import ImageReview, review
from roforlmao.tools.model import Command, Definition
from roforlmao.tools.records import Installed
from roforlmao.tools.review import require
from roforlmao.tools.wish import Wish

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine
    from roforlmao.containers.images import Image

DESCRIPTION_LABEL = "org.opencontainers.image.description"
_LOCAL = "No registry has this image: what runs is the one that was made on this machine, by its id."


def check(tool: Tool) -> None:
    """Errors: BadInput for what has no image."""
    if not tool.image:
        raise BadInput(f"'{tool.name}' has no image.", "A container tool is registered with one.")
    check_image(tool.image)


def install(tool: Tool, wish: Wish) -> Installed:
    """Errors: Untrusted, Cancelled, those of ``engine.connect``, ``pull`` and ``git.clone``."""
    from roforlmao.containers.engine import connect

    try:
        with connect(wish.environ) as engine:
            image = bring(engine, tool, wish)
        asked = review(tool, image, wish.limits)
        require(asked, wish.trust)
        wish.progress.checkpoint()
        data_repo, notes = fetch_data(tool, "", wish, local=True)
    except Untrusted:
        raise  # the image waits for the answer, see pulled.GRACE_S
    except BaseException:
        pulled.drop_unused(wish.places, wish.environ, tool=tool.name)
        raise
    return as_record(tool, asked, image, data_repo, notes, wish.places)


def bring(engine: Engine, tool: Tool, wish: Wish) -> Image:
    """The image that the tool's name stands for now, pulled where the engine lacks it."""
    from roforlmao.containers.images import check_architecture, current_digest, find_image, pinned_name
    from roforlmao.containers.patience import interruptible

    wish.progress.start(f"Asking for {one_line(tool.image, 80)}")
    try:
        digest = interruptible(lambda: current_digest(engine, tool.image), wish.progress)
    except (ImageNotFound, ImageDenied, Unreachable):
        own = find_image(engine, tool.image)
        if own is None or not own.is_local:
            raise
        return own
    wanted = pinned_name(tool.image, digest) if digest else tool.image
    here = find_image(engine, wanted) if digest else None
    if here is not None:
        check_architecture(engine, tool.image, here)
        return here
    return _pull(engine, wanted, tool, wish)


def _pull(engine: Engine, wanted: str, tool: Tool, wish: Wish) -> Image:
    from roforlmao.containers.pull import pull

    if "@" in wanted:
        pulled.note(wanted, tool.name, wish.places)
    image = pull(engine, wanted, wish.progress)
    wish.progress.checkpoint()
    return image


def as_record(
    tool: Tool, asked: ImageReview, image: Image, data_repo: str, notes: list[str], places: Places
) -> Installed:
    """The tool as it stands now."""
    now = Installed(
        name=tool.name,
        kind="container",
        path=places.tools / tool.name,
        data_path=places.data / tool.name if data_repo else None,
        data_repo=data_repo,
        code_repo=tool.code_repo,
        commit="",
        digest=image.digest,
        fingerprint=asked.fingerprint,
        registered_by=tool.registered_by,
        installed_at=dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds"),
        definition=definition_of(tool, image),
        image=tool.image,
        pinned=image.pinned,
    )
    return records.with_notes(now, [*([_LOCAL] if image.is_local else []), *notes])


def definition_of(tool: Tool, image: Image) -> Definition:
    """One command: what the image does by itself; words of other commands go to it as they are."""
    said = image.labels.get(DESCRIPTION_LABEL, "") or tool.description
    command = Command(DEFAULT_COMMAND, "what its image does by itself; words after it go to the image", "")
    return Definition(tool.name, one_line(said, 2000), "", "", "", None, (command,))


def only_here(tool: Installed) -> list[str]:
    """Results of a tool without a data repository."""
    place = tool.results
    if tool.data_path is not None or not place.is_dir():
        return []
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir())
