"""Why an image did not come, from what engines and registries say: told apart by their words.

The words are those of engine 20.10 and docker-registry 2.8, and of Docker Hub, GHCR and Podman 4 as
they are documented; what is not known is shown as it came.
"""

from __future__ import annotations

from typing import NamedTuple

from roforlmao.containers.faults import causes, explanation, translate
from roforlmao.errors import (
    EngineFailed,
    ImageArchitecture,
    ImageDenied,
    ImageNotFound,
    RoforlmaoError,
    StorageFailed,
    Unreachable,
)
from roforlmao.imagename import parse_reference
from roforlmao.text import one_line

_DENIED = (
    "unauthorized", "denied", "forbidden", "authentication required",
    "incorrect username or password",
)  # fmt: skip
_DOWN = (
    "connection refused", "no such host", "dial tcp", "i/o timeout", "timeout", "server misbehaving",
    "no route to host", "unreachable", "unexpected http status", "service unavailable", "bad gateway",
)  # fmt: skip
_CUT = ("eof", "connection reset", "broken pipe", "verification failed", "digest did not match", "short read")
_BROKE_OFF = "The pull of {image} broke off before the image was whole."
_TRY_AGAIN = "Nothing was installed; try again."


class _Row(NamedTuple):
    """``words`` in lower case; ``{image}``, ``{host}`` and ``{said}`` are filled in."""

    words: tuple[str, ...]
    kind: type[RoforlmaoError]
    message: str
    hint: str


# The first row that has one of its words in the text decides.
_ROWS = (
    _Row(
        ("no space left on device", "disk quota exceeded"),
        StorageFailed,
        "The engine's disk is full: {image} does not fit.",
        "Free some space: `docker system df` shows what takes it.",
    ),
    _Row(
        ("credentials store error", "error getting credentials"),
        ImageDenied,
        "Your login for {host} cannot be had, so {image} was not pulled: {said}",
        "Look at credsStore and credHelpers in your Docker configuration (~/.docker/config.json).",
    ),
    _Row(
        ("no basic auth credentials",),
        ImageDenied,
        "{host} wants a login for {image}, and you have none.",
        "Log in: `docker login {host}`.",
    ),
    _Row(
        ("pull access denied", "may require 'docker login'", "insufficient_scope"),
        ImageDenied,
        "{host} does not give {image}: it does not exist, or needs a login.",
        "Check its name; if it is private: `docker login {host}`.",
    ),
    _Row(
        ("toomanyrequests", "too many requests", "rate limit"),
        Unreachable,
        "{host} gives no more images for now, {image} among them.",
        "Log in there, or try again later.",
    ),
    _Row(
        (
            "no matching manifest",
            "does not match the specified platform",
            "no image found in manifest list",
        ),
        ImageArchitecture,
        "The image {image} is not made for this engine's architecture: {said}",
        "Ask its author for another build.",
    ),
    _Row(
        ("x509:", "http response to https client", "tls: "),
        Unreachable,
        "The engine does not accept the certificate of {host}, so {image} was not pulled: {said}",
        "Give the engine its CA (/etc/docker/certs.d/HOST/ca.crt); insecure-registries is for tests.",
    ),
    _Row(
        _DOWN,
        Unreachable,
        "The registry {host} does not answer, so {image} was not pulled: {said}",
        "Check the host's name and the network, or try again later.",
    ),
    _Row(
        _DENIED,
        ImageDenied,
        "{host} refuses your login for {image}: {said}",
        "Log in again: `docker login {host}`; the account needs the right to pull.",
    ),
    _Row(
        _CUT,
        Unreachable,
        _BROKE_OFF,
        _TRY_AGAIN,
    ),
    _Row(
        ("manifest unknown", "not found", "name unknown", "no such image", "does not exist"),
        ImageNotFound,
        "{host} has no image {image}.",
        "Check name and tag.",
    ),
)


def pull_failed(error: BaseException, name: str) -> RoforlmaoError:
    """The error to raise when asking for the image or pulling it raised ``error``."""
    chain = list(causes(error))
    if any(getattr(cause, "explanation", None) for cause in chain) or "redentials" in str(error):
        return refusal(explanation(chain), name)
    if any(isinstance(cause, TimeoutError) for cause in chain):
        return stalled(name)
    return translate(error, f"pulling {one_line(name, 120)}")


def refusal(said: str, name: str) -> RoforlmaoError:
    """The error for what an engine says of a pull that failed; ``said`` is foreign text."""
    shown, said = one_line(name, 120), one_line(said, 300).rstrip(".") + "."
    low = said.lower()
    for row in _ROWS:
        if any(word in low for word in row.words):
            told = {"image": shown, "host": parse_reference(name).host, "said": said}
            return row.kind(row.message.format(**told), row.hint.format(**told))
    return EngineFailed(f"The image {shown} was not pulled: {said}", "See also the engine's own log.")


def stalled(name: str) -> RoforlmaoError:
    """Nothing has come for too long."""
    return Unreachable(
        f"The pull of {one_line(name, 120)} stands still: nothing came for a long time.",
        "The registry, the network or the engine hangs; try again later.",
    )


def cut(name: str) -> RoforlmaoError:
    """It ended, but the image is not there as the registry described it."""
    return Unreachable(_BROKE_OFF.format(image=one_line(name, 120)), _TRY_AGAIN)
