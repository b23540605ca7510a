"""Names, dates and repository URLs: what is allowed, checked when written and when read."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from roforlmao.errors import BadInput
from roforlmao.text import one_line

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ENDINGS = (".", ".git", ".lock")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SCP_LIKE = re.compile(r"[A-Za-z0-9._-]+@(?!-)[A-Za-z0-9.\-\[\]:]*?[A-Za-z0-9\]]:(?!:)[^\s:-][^\s]*")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_REMOTE_SCHEMES = ("https", "http", "ssh", "git")
_URL_HINT = "Use https://, http://, ssh://, git:// or user@host:path."
_URL_LIMIT = 2000


@lru_cache(maxsize=8192)  # a hub's announcements name the same days and operators thousands of times
def check_name(text: str, what: str = "name") -> str:
    """The name itself, or ``BadInput`` that says which rule it breaks."""
    is_plain = _NAME.fullmatch(text) is not None
    if is_plain and ".." not in text and not text.endswith(_ENDINGS):
        return text
    shown = one_line(text, 40)
    if not text:
        raise BadInput(f"The {what} is empty.", "Letters, digits, '.', '_' and '-', up to 100.")
    if len(text) > 100:
        raise BadInput(f"The {what} '{shown}' is {len(text)} characters long.", "At most 100.")
    if not is_plain:
        raise BadInput(
            f"'{shown}' cannot be a {what}.",
            "It begins with a letter or digit; then letters, digits, '.', '_' and '-'.",
        )
    raise BadInput(
        f"'{shown}' cannot be a {what}.", "No '..' in it, and no '.', '.git' or '.lock' at its end."
    )


@lru_cache(maxsize=8192)  # as above
def is_name(text: str) -> bool:
    """Whether ``check_name`` takes it."""
    try:
        return bool(check_name(text))
    except BadInput:
        return False


@lru_cache(maxsize=8192)  # as above
def check_date(text: str) -> str:
    """The date as ``YYYY-MM-DD``; ``2019-3-25`` is read too."""
    match = _DATE.fullmatch(text.strip())
    try:
        if not match:
            raise ValueError(text)
        return dt.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        raise BadInput(f"'{one_line(text, 40)}' is not a date.", "Write it as 2019-03-25.") from None


def is_local_url(url: str) -> bool:
    """Whether the URL is a path on this machine (``file://`` or a plain path)."""
    return url.startswith(("file:", "/", "./", "../", "~")) or not ("://" in url or _SCP_LIKE.fullmatch(url))


@lru_cache(maxsize=8192)  # as above
def check_url(url: str, *, local: bool) -> str:
    """A repository URL that git may be given, or ``BadInput``.

    ``local`` allows ``file://`` and absolute paths: the operator's own entries, or
    ``allow_local_repositories``. Credentials in the URL are refused: they would be
    published with it.
    """
    shown = one_line(url, 60)
    if not url:
        raise BadInput("The repository URL is empty.", _URL_HINT)
    if len(url) > _URL_LIMIT:
        raise BadInput(f"The repository URL is {len(url)} characters long.", f"At most {_URL_LIMIT}.")
    if url.startswith("-") or not url.isprintable() or url != url.strip() or " " in url:
        raise BadInput(f"'{shown}' is not a repository URL.", _URL_HINT)
    if url.startswith(("file://", "/")):
        return _check_local(url, shown, local)
    if "://" in url:
        return _check_remote(url, shown)
    if _SCP_LIKE.fullmatch(url):
        return url
    raise BadInput(f"'{shown}' is not a repository URL.", _URL_HINT)


def _check_local(url: str, shown: str, local: bool) -> str:
    if not local:
        raise BadInput(
            f"'{shown}' is a path on this machine, in an entry of somebody else.",
            "Set allow_local_repositories: true if you trust the registry's paths.",
        )
    path = url.removeprefix("file://")
    if not path.startswith("/") or ".." in Path(path).parts:
        raise BadInput(f"'{shown}' is not an absolute path.", "Write file:///path/to/repository.")
    return url


def _check_remote(url: str, shown: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadInput(f"'{shown}' is not a repository URL.", _URL_HINT) from None
    if parts.scheme not in _REMOTE_SCHEMES:
        raise BadInput(f"'{shown}' uses '{one_line(parts.scheme, 20)}', which is not allowed.", _URL_HINT)
    if not host or not _HOST.fullmatch(host) or host.startswith("-"):
        raise BadInput(f"'{shown}' names no host that could exist.", _URL_HINT)
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise BadInput(
            "The repository URL holds a user name or password.",
            "Leave it out: git asks your own credential helper or key.",
        )
    if parts.username and parts.username.startswith("-"):
        raise BadInput(f"'{shown}' is not a repository URL.", _URL_HINT)
    return url
