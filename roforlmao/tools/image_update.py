"""Brings a container tool to what its image's name stands for now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.errors import Untrusted
from roforlmao.models import Tool
from roforlmao.tools import pulled, records
from roforlmao.tools.data_clone import keep_data
from roforlmao.tools.image_install import as_record, bring
from roforlmao.tools.image_review import ImageReview, describe, differences, review
from roforlmao.tools.records import Installed
from roforlmao.tools.review import require
from roforlmao.tools.wish import Wish

if TYPE_CHECKING:
    from roforlmao.containers.engine import Engine


def update(tool: Tool, present: Installed, wish: Wish) -> Installed:
    """A new digest is asked for before it runs; an image that is gone is pulled again.

    Errors: Untrusted, Cancelled, those of ``engine.connect``, ``pull`` and ``git.clone``.
    """
    from roforlmao.containers.engine import connect

    try:
        with connect(wish.environ) as engine:
            image = bring(engine, tool, wish)
            before = _before(engine, present)
        asked = review(tool, image, wish.limits)
        notes = ["The image is the newest already."]
        if asked.fingerprint != present.fingerprint:
            notes = differences(before, asked)
            require(asked, wish.trust, changes=notes)
        wish.progress.checkpoint()
        data_repo, data_notes = keep_data(tool, "", present, wish, local=True)
    except Untrusted:
        raise  # the image waits for the answer, see pulled.GRACE_S
    except BaseException:
        pulled.drop_unused(wish.places, wish.environ, tool=tool.name)
        raise
    now = as_record(tool, asked, image, data_repo, [], wish.places)
    return records.with_notes(now, [*notes, *now.notes, *data_notes])


def _before(engine: Engine, present: Installed) -> ImageReview:
    """What was trusted; without its details where the engine no longer holds it."""
    from roforlmao.containers.images import find_image

    image = find_image(engine, present.pinned)
    inside = tuple(describe(image)) if image else ()
    return ImageReview(present.name, present.image, present.digest, present.registered_by, inside=inside)
