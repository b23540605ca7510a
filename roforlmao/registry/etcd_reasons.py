"""Why an endpoint could not be used, for the sentence that says that the registry does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from roforlmao.errors import Unavailable
from roforlmao.registry.etcd_errors import NOTHING, details_of
from roforlmao.text import counted, one_line


@dataclass(frozen=True)
class Reason:
    """``said`` ends a sentence that begins with the endpoint; what is ``lasting`` is not worth a wait."""

    said: str
    hint: str
    lasting: bool = False
    passing: bool = False
    """Only that the time was over, which says less than what was found before."""


_WEB: Final = Reason("answers, but as a web server", "Name etcd's client port, usually 2379.", lasting=True)
_UNTRUSTED: Final = Reason(
    "shows a certificate that ca did not sign, or one that is not valid",
    "Look at registry.etcd.ca, and at the dates of the cluster's certificates.",
    lasting=True,
)
_NAME: Final = Reason("cannot be found by its name", "Is the name right, and is there a network?")
_SILENT: Final = Reason(
    "does not answer in time", "Is it reachable from here, and does it run?", passing=True
)

# Part of gRPC's or etcd's text, the first that fits.
_REASONS: Final[Mapping[str, Reason]] = {
    "Connection refused": Reason("refuses the connection", "Does etcd run there, and on this port?"),
    "errors resolving": _NAME,
    "DNS resolution failed": _NAME,
    "no leader": Reason("has lost the cluster's majority", "Wait until more members are back."),
    "leader changed": Reason("is choosing a new leader", "Try again in a moment."),
    "CERTIFICATE_VERIFY_FAILED": _UNTRUSTED,
    "Hostname Verification": Reason(
        "shows a certificate for another host",
        "Write the endpoint as the certificate names it.",
        lasting=True,
    ),
    "create security handshaker": Reason(
        "is asked with certificate files that cannot be used",
        "Look at registry.etcd.ca, cert and key; cert and key must belong together.",
        lasting=True,
    ),
    "Unwrap failed": Reason(
        "wants a certificate of ours that it accepts", "Set registry.etcd.cert and key.", lasting=True
    ),
    "andshake": Reason("speaks no TLS", "Unset registry.etcd.ca if the cluster uses none."),
    "Expected SETTINGS frame": _WEB,
    "http1.x": _WEB,
    "before receiving SETTINGS": _SILENT,
    "Socket closed": Reason("closes the connection", "If the cluster uses TLS, set registry.etcd.ca."),
}


def reason(error: Any) -> Reason:
    """From gRPC's error of an attempt."""
    details = details_of(error)
    for text, told in _REASONS.items():
        if text in details:
            return told
    if error.code().name == "DEADLINE_EXCEEDED":
        return _SILENT
    return Reason(f"fails: {one_line(details, 100) or error.code().name}", "Try again.")


def unavailable(reasons: Mapping[str, Reason]) -> Unavailable:
    """From what the endpoints were last found to be; those that fail alike are told together."""
    alike: dict[Reason, list[str]] = {}
    for endpoint, why in reasons.items():
        alike.setdefault(why, []).append(endpoint)
    told = "; ".join(_told(why, endpoints) for why, endpoints in list(alike.items())[:3])
    hint = next((why.hint for why in alike), "Try again.")
    return Unavailable(f"The registry does not answer, {NOTHING}: {told or 'no time was left'}.", hint)


def _told(why: Reason, endpoints: Sequence[str]) -> str:
    others = f" (and {counted(len(endpoints) - 1, 'other')} likewise)" if len(endpoints) > 1 else ""
    return f"{endpoints[0]} {why.said}{others}"
