"""Sends one message to one address; the only module that knows Apprise."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from roforlmao.errors import ConfigurationError, OperationFailed
from roforlmao.targets import Target, check_address
from roforlmao.text import one_line

if TYPE_CHECKING:
    from apprise import Apprise

_LONGEST = 4096  # characters of an address in a file or variable


class NotSent(OperationFailed):
    """The service did not take the message; the sender may try again."""

    code = "not-sent"


def send(target: Target, environ: Mapping[str, str], title: str, text: str) -> None:
    """Hands a message over; waits some seconds at most, for connection and answer each.

    Errors: ConfigurationError for an address that is missing or of no known service, NotSent.
    """
    service = _service(target, address(target, environ))
    from apprise import LogCapture, NotifyFormat

    with LogCapture(level=logging.WARNING) as told:  # type: ignore[no-untyped-call]  # Apprise has no type there
        if service.notify(body=text, title=title, body_format=NotifyFormat.TEXT):
            return
        reason = _reason(told.getvalue())
    raise NotSent(f"{target.label} did not take a notification{reason}.", "It is tried again later.")


def address(target: Target, environ: Mapping[str, str]) -> str:
    """Where the target is; read late, so that a changed file counts. Errors: ConfigurationError."""
    found = target.url
    if target.env:
        found = environ.get(target.env, "")
    elif target.file is not None:
        try:
            with target.file.open(encoding="utf-8") as handle:
                found = handle.readline(_LONGEST).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"notify: {target.file} cannot be read.", "Its first line is the address."
            ) from error
    try:
        return check_address(found)
    except ValueError:
        where = f"the variable {target.env}" if target.env else str(target.file)
        raise ConfigurationError(
            f"notify: {where} holds no address.", "Such as ntfy://host/topic or json://host/path."
        ) from None


def _service(target: Target, url: str) -> Apprise:
    with warnings.catch_warnings():  # Apprise imports a module that Python 3.13 no longer has
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise import Apprise, LogCapture

        service = Apprise()
        # it would log the address
        with LogCapture(level=logging.CRITICAL):  # type: ignore[no-untyped-call]  # Apprise has no type there
            if not service.add(url):
                raise ConfigurationError(
                    f"notify: {target.label} is no address of a known service.",
                    "https://appriseit.com/services/ lists them.",
                )
    return service


def _reason(log: str) -> str:
    """The last line of Apprise's log without its time stamp; it names hosts, not credentials."""
    lines = [line for line in log.splitlines() if line.strip()]
    return f" ({one_line(lines[-1].rpartition(' - ')[2].rstrip('. '), 150)})" if lines else ""
