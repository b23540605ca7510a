"""gRPC's and etcd's errors, told as the registry's own, with a sentence that helps.

etcd's texts are those of https://github.com/etcd-io/etcd/blob/v3.4.23/etcdserver/api/v3rpc/rpctypes/error.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from roforlmao.errors import (
    BadInput,
    Compacted,
    Denied,
    LeaseLost,
    LoginRefused,
    OutcomeUnknown,
    RoforlmaoError,
    TooLarge,
    Unavailable,
)
from roforlmao.text import one_line

MAX_OPERATIONS: Final = 128
"""etcd's own limit for the operations, and for the comparisons, of one transaction."""

NOTHING: Final = "nothing was written"
_ROTATE: Final = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL"}

_NO_RIGHTS: Final = f"The cluster does not allow you that; {NOTHING}."

_LARGE_WRITE: Final = (
    TooLarge,
    f"The cluster refuses so large a write; {NOTHING}.",
    "It takes 1.5 MB in all by default; write less at once.",
)

# Part of etcd's text -> the error, its sentence and its hint: a repeat would get the same answer.
_ANSWERS: Final[Mapping[str, tuple[type[RoforlmaoError], str, str]]] = {
    "requested lease not found": (
        LeaseLost,
        "The session has expired; what was bound to it is gone.",
        "Begin a new one.",
    ),
    "request is too large": _LARGE_WRITE,
    "grpc: received message larger": _LARGE_WRITE,  # the same, of a request over 2 MB
    "larger than max": (
        TooLarge,
        "The cluster's answer is larger than a message may be.",
        "Ask for fewer keys at once.",
    ),
    "required revision has been compacted": (
        Compacted,
        "The revision is no longer kept by the cluster.",
        "List again.",
    ),
    "required revision is a future revision": (
        Compacted,
        "The cluster has not reached that revision; it may have been set up anew.",
        "List again.",
    ),
    "permission denied": (
        Denied,
        _NO_RIGHTS,
        "Ask its administrator for a role that covers the namespace.",
    ),
    "user name is empty": (
        LoginRefused,
        f"The cluster asks for a user and a password; {NOTHING}.",
        "Set registry.etcd.username and password_file.",
    ),
    "authentication failed": (
        LoginRefused,
        "The cluster does not accept this user and password.",
        "Look at registry.etcd.username and the first line of password_file.",
    ),
    "database space exceeded": (
        Unavailable,
        f"The cluster's database is full; {NOTHING}.",
        "Its administrator compacts and defragments it, then disarms the alarm.",
    ),
    "too many operations in txn": (
        BadInput,
        f"A transaction is too long; {NOTHING}.",
        f"At most {MAX_OPERATIONS} operations.",
    ),
}


def answer(error: Any) -> RoforlmaoError | None:
    """The typed error for an answer of the cluster; None where another attempt may do better."""
    details = details_of(error)
    for text, (kind, message, hint) in _ANSWERS.items():
        if text in details:
            return kind(message, hint)
    if error.code().name in _ROTATE:
        return None
    if error.code().name == "UNIMPLEMENTED":
        return Unavailable(
            "What answers there is no etcd of version 3.", "Name etcd's client port, usually 2379."
        )
    return Unavailable(f"The cluster refuses: {one_line(details, 120)}; {NOTHING}.", "See its log.")


def only_lacks_rights(error: RoforlmaoError) -> bool:
    """Whether the cluster, its majority included, did answer, and said no."""
    return error.message == _NO_RIGHTS


def never_sent(error: Any) -> bool:
    """Whether the request certainly reached no member that could have done it."""
    details = details_of(error)
    return error.code().name == "UNAVAILABLE" and (
        details.startswith(("failed to connect to all addresses", "errors resolving", "DNS resolution"))
        or "etcdserver: no leader" in details
    )


def token_is_old(error: Any) -> bool:
    """Whether a fresh token would do; the request was refused before it did anything."""
    details = details_of(error)
    return "invalid auth token" in details or "revision of auth store is old" in details


def no_authentication(error: Any) -> bool:
    """Whether the cluster asks nobody for a password."""
    return "authentication is not enabled" in details_of(error)


def lease_exists(error: Any) -> bool:
    return "lease already exists" in details_of(error)


def unknown(what: str) -> OutcomeUnknown:
    """Of a write that was sent and never acknowledged."""
    return OutcomeUnknown(
        f"The registry went away while {what} was being written, and it cannot be told whether it was.",
        "Look whether the change is there before you repeat it.",
    )


def closed() -> Unavailable:
    return Unavailable(f"The registry was closed; {NOTHING}.", "Open it again.")


def details_of(error: Any) -> str:
    """What gRPC or the member said."""
    return error.details() or ""
