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
    OutcomeUnknown,
    RoforlmaoError,
    TooLarge,
    Unavailable,
)
from roforlmao.text import one_line

MAX_OPERATIONS: Final = 128
"""etcd's own limit for the operations, and for the comparisons, of one transaction."""

_NOTHING: Final = "nothing was written"
_ROTATE: Final = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL"}

_NO_RIGHTS: Final = f"The cluster does not allow you that; {_NOTHING}."

_LARGE_WRITE: Final = (
    TooLarge,
    f"The cluster refuses so large a write; {_NOTHING}.",
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
        "The cluster has not reached that revision; was it set up anew?",
        "List again.",
    ),
    "permission denied": (
        Denied,
        _NO_RIGHTS,
        "Ask its administrator for a role that covers the namespace.",
    ),
    "user name is empty": (
        Denied,
        f"The cluster asks for a user and a password; {_NOTHING}.",
        "Set registry.etcd.username and password_file.",
    ),
    "authentication failed": (
        Denied,
        "The cluster does not accept this user and password.",
        "Look at registry.etcd.username and the first line of password_file.",
    ),
    "database space exceeded": (
        Unavailable,
        f"The cluster's database is full; {_NOTHING}.",
        "Its administrator compacts and defragments it, then disarms the alarm.",
    ),
    "too many operations in txn": (
        BadInput,
        f"A transaction is too long; {_NOTHING}.",
        f"At most {MAX_OPERATIONS} operations.",
    ),
}

# Part of gRPC's or etcd's text -> what to tell of the endpoint, and what to do.
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "Connection refused": ("refuses the connection", "Does etcd run there, and on this port?"),
    "DNS resolution failed": ("cannot be found by its name", "Is the name right, and is there a network?"),
    "no leader": ("has lost the cluster's majority", "Wait until more members are back."),
    "leader changed": ("is choosing a new leader", "Try again in a moment."),
    "CERTIFICATE_VERIFY_FAILED": (
        "shows a certificate that ca did not sign or that is not valid",
        "Look at registry.etcd.ca and at the certificate's names and dates.",
    ),
    "ertificate": (
        "shows or was shown a certificate that is not accepted",
        "Look at registry.etcd.ca, cert and key.",
    ),
    "Ssl handshake failed": ("speaks no TLS, or another kind", "Unset registry.etcd.ca if it uses none."),
    "http1.x server": ("answers, but as a web server", "Name etcd's client port, usually 2379."),
    "Socket closed": ("closes the connection", "If it uses TLS, set registry.etcd.ca."),
}


def answer(error: Any) -> RoforlmaoError | None:
    """The typed error for an answer of the cluster; None where another attempt may do better."""
    details = _details(error)
    for text, (kind, message, hint) in _ANSWERS.items():
        if text in details:
            return kind(message, hint)
    if error.code().name in _ROTATE:
        return None
    if error.code().name == "UNIMPLEMENTED":
        return Unavailable(
            "What answers there is no etcd of version 3.", "Name etcd's client port, usually 2379."
        )
    return Unavailable(f"The cluster refuses: {one_line(details, 120)}; {_NOTHING}.", "See its log.")


def only_lacks_rights(error: RoforlmaoError) -> bool:
    """Whether the cluster, its majority included, did answer, and said no."""
    return error.message == _NO_RIGHTS


def never_sent(error: Any) -> bool:
    """Whether the request certainly reached no member that could have done it."""
    details = _details(error)
    return error.code().name == "UNAVAILABLE" and (
        details.startswith(("failed to connect to all addresses", "DNS resolution failed"))
        or "etcdserver: no leader" in details
    )


def token_is_old(error: Any) -> bool:
    """Whether a fresh token would do; the request was refused before it did anything."""
    details = _details(error)
    return "invalid auth token" in details or "revision of auth store is old" in details


def no_authentication(error: Any) -> bool:
    """Whether the cluster asks nobody for a password."""
    return "authentication is not enabled" in _details(error)


def lease_exists(error: Any) -> bool:
    return "lease already exists" in _details(error)


def timed_out(error: Any) -> bool:
    return bool(error.code().name == "DEADLINE_EXCEEDED")


def reason(error: Any) -> tuple[str, str]:
    """What to tell of an endpoint, as the end of a sentence, and a hint."""
    details = _details(error)
    for text, told in _REASONS.items():
        if text in details:
            return told
    if timed_out(error):
        return "does not answer in time", "Is it reachable from here, and does it run?"
    return f"fails: {one_line(details, 100) or error.code().name}", "Try again."


def unavailable(reasons: Mapping[str, tuple[str, str]]) -> Unavailable:
    """From what the endpoints said last."""
    told = "; ".join(f"{endpoint} {said}" for endpoint, (said, _) in list(reasons.items())[:3])
    hint = next((hint for _, hint in reasons.values()), "Try again.")
    return Unavailable(f"The registry does not answer, {_NOTHING}: {told or 'no time was left'}.", hint)


def unknown(what: str) -> OutcomeUnknown:
    """Of a write that was sent and never acknowledged."""
    return OutcomeUnknown(
        f"The registry went away while {what} was being written, and it cannot be told whether it was.",
        "Look whether the change is there before you repeat it.",
    )


def closed() -> Unavailable:
    return Unavailable(f"The registry was closed; {_NOTHING}.", "Open it again.")


def _details(error: Any) -> str:
    return error.details() or ""
