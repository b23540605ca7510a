"""Why an image did not come, from what engines and registries say: told apart by their words.

The words are those of engine 20.10 and docker-registry 2.8, and of Docker Hub, GHCR and Podman 4 as
they are documented; what is not known is shown as it came.
"""

from __future__ import annotations

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

# The first row that has one of its words in the text decides.
_DISK = ("no space left on device", "disk quota exceeded")
_HELPER = ("credentials store error", "error getting credentials")
_NO_LOGIN = ("no basic auth credentials",)
_EITHER = ("pull access denied", "may require 'docker login'", "insufficient_scope")
_DENIED = (
    "unauthorized", "denied", "forbidden", "authentication required",
    "incorrect username or password",
)  # fmt: skip
_LIMIT = ("toomanyrequests", "too many requests", "rate limit")
_PLATFORM = (
    "no matching manifest",
    "does not match the specified platform",
    "no image found in manifest list",
)
_ABSENT = ("manifest unknown", "not found", "name unknown", "no such image", "does not exist")
_TLS = ("x509:", "http response to https client", "tls: ")
_DOWN = (
    "connection refused", "no such host", "dial tcp", "i/o timeout", "timeout", "server misbehaving",
    "no route to host", "unreachable", "unexpected http status", "service unavailable", "bad gateway",
)  # fmt: skip
_CUT = ("eof", "connection reset", "broken pipe", "verification failed", "digest did not match", "short read")


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
    for words, make in _KINDS:
        if any(word in low for word in words):
            return make(shown, parse_reference(name).host, said)
    return EngineFailed(f"The image {shown} was not pulled: {said}", "See also the engine's own log.")


def stalled(name: str) -> RoforlmaoError:
    """Nothing has come for too long."""
    return Unreachable(
        f"The pull of {one_line(name, 120)} stands still: nothing came for a long time.",
        "The registry, the network or the engine hangs; try again later.",
    )


def cut(name: str) -> RoforlmaoError:
    """It ended, but the image is not there as the registry described it."""
    return Unreachable(
        f"The pull of {one_line(name, 120)} broke off before the image was whole.",
        "Nothing was installed; try again.",
    )


def _disk(image: str, _host: str, _said: str) -> RoforlmaoError:
    return StorageFailed(
        f"The engine's disk is full: {image} does not fit.",
        "Free some space: `docker system df` shows what takes it.",
    )


def _helper(image: str, host: str, said: str) -> RoforlmaoError:
    return ImageDenied(
        f"Your login for {host} cannot be had, so {image} was not pulled: {said}",
        "Look at credsStore and credHelpers in your Docker configuration (~/.docker/config.json).",
    )


def _no_login(image: str, host: str, _said: str) -> RoforlmaoError:
    return ImageDenied(
        f"{host} wants a login for {image}, and you have none.", f"Log in: `docker login {host}`."
    )


def _either(image: str, host: str, _said: str) -> RoforlmaoError:
    return ImageDenied(
        f"{host} does not give {image}: it does not exist, or needs a login.",
        f"Check its name; if it is private: `docker login {host}`.",
    )


def _denied(image: str, host: str, said: str) -> RoforlmaoError:
    return ImageDenied(
        f"{host} refuses your login for {image}: {said}",
        f"Log in again: `docker login {host}`; the account needs the right to pull.",
    )


def _limit(image: str, host: str, _said: str) -> RoforlmaoError:
    return Unreachable(
        f"{host} gives no more images for now, {image} among them.", "Log in there, or try again later."
    )


def _platform(image: str, _host: str, said: str) -> RoforlmaoError:
    return ImageArchitecture(
        f"The image {image} is not made for this engine's architecture: {said}",
        "Ask its author for another build.",
    )


def _absent(image: str, host: str, _said: str) -> RoforlmaoError:
    return ImageNotFound(f"{host} has no image {image}.", "Check name and tag.")


def _tls(image: str, host: str, said: str) -> RoforlmaoError:
    return Unreachable(
        f"The engine does not accept the certificate of {host}, so {image} was not pulled: {said}",
        "Give the engine its CA (/etc/docker/certs.d/HOST/ca.crt); insecure-registries is for tests.",
    )


def _down(image: str, host: str, said: str) -> RoforlmaoError:
    return Unreachable(
        f"The registry {host} does not answer, so {image} was not pulled: {said}",
        "Check the host's name and the network, or try again later.",
    )


def _cut(image: str, _host: str, _said: str) -> RoforlmaoError:
    return cut(image)


_KINDS = (
    (_DISK, _disk),
    (_HELPER, _helper),
    (_NO_LOGIN, _no_login),
    (_EITHER, _either),
    (_LIMIT, _limit),
    (_PLATFORM, _platform),
    (_TLS, _tls),
    (_DOWN, _down),
    (_DENIED, _denied),
    (_CUT, _cut),
    (_ABSENT, _absent),
)
