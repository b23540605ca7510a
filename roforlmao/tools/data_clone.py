"""The clone of a tool's data repository, made when the tool is installed and kept when it is updated."""

from __future__ import annotations

from roforlmao.models import Tool
from roforlmao.text import one_line
from roforlmao.tools.records import Installed
from roforlmao.tools.wish import Wish


def fetch_data(tool: Tool, named: str, wish: Wish, *, local: bool) -> tuple[str, list[str]]:
    """Clones the data repository and says which it is, with notes; the registered one wins.

    ``named`` is what the tool's own definition names, '' where it names none; ``local`` says whether
    that may be a path on this machine. Errors: those of ``git.clone``.
    """
    from roforlmao.git.clone import clone_or_update

    url = tool.data_repo or named
    notes = []
    if not url:
        notes.append("It names no data repository: results stay in its own directory and are not published.")
    elif named and named != url:
        shown = one_line(named, 120)
        notes.append(f"The registered data repository is used; the definition names another one: {shown}.")
    for note in notes:
        wish.progress.log(note)
    if url:
        allowed = wish.local and (bool(tool.data_repo) or local)
        clone_or_update(url, wish.places.data / tool.name, wish.progress, local=allowed)
    return url, notes


def keep_data(
    tool: Tool, named: str, present: Installed, wish: Wish, *, local: bool
) -> tuple[str, list[str]]:
    """The data clone stays as it is; one that is gone, or was never there, is made. As ``fetch_data``."""
    wanted = tool.data_repo or named
    if present.data_path is None or not present.data_path.is_dir():
        return fetch_data(tool, named, wish, local=local)
    if wanted == present.data_repo:
        return present.data_repo, []
    note = f"Its data repository is now {one_line(wanted, 120) or 'none'}; the clone of the old one stays."
    return present.data_repo, [note, "To change over: uninstall, then install."]
