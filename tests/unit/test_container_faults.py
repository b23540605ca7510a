"""What engines and registries say, put into sentences: each fault has its own."""

from __future__ import annotations

import socket
import ssl
from http.client import IncompleteRead, RemoteDisconnected

import pytest
from docker.errors import APIError, DockerException
from requests import Response
from requests.exceptions import ConnectionError as RequestFailed

from roforlmao.containers.faults import causes, translate, translating
from roforlmao.containers.pullfaults import pull_failed, refusal
from roforlmao.errors import (
    EngineAbsent,
    EngineDenied,
    EngineFailed,
    EngineLost,
    EngineMisaddressed,
    EngineSilent,
    ImageArchitecture,
    ImageDenied,
    ImageNotFound,
    RoforlmaoError,
    StorageFailed,
    Unreachable,
)


def wrapped(cause: BaseException) -> DockerException:
    """As the SDK does: the cause lies inside an error inside another one."""
    inner = RequestFailed("Connection aborted.", cause)
    outer = DockerException(f"Error while fetching server API version: {inner}")
    outer.__cause__ = inner
    return outer


def said(text: str, status: int = 500) -> APIError:
    response = Response()
    response.status_code = status
    return APIError("failed", response, text)


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (FileNotFoundError(2, "No such file"), EngineAbsent),
        (ConnectionRefusedError(111, "refused"), EngineAbsent),
        (PermissionError(13, "denied"), EngineDenied),
        (socket.gaierror(-2, "unknown"), EngineMisaddressed),
        (ssl.SSLError("wrong version"), EngineMisaddressed),
        (TimeoutError("timed out"), EngineSilent),
        (RemoteDisconnected("closed"), EngineLost),
        (ConnectionResetError(104, "reset"), EngineLost),
        (BrokenPipeError(32, "pipe"), EngineLost),
        (IncompleteRead(b""), EngineLost),
        (KeyError("surprise"), EngineFailed),
    ],
)
def test_the_cause_decides_however_deep_it_lies(cause: BaseException, kind: type[RoforlmaoError]) -> None:
    found = translate(wrapped(cause), "creating the container")
    assert type(found) is kind
    assert "while creating the container" in found.message
    assert found.hint
    assert found.exit_status == 3


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("write /var/lib: no space left on device", StorageFailed, "disk is full"),
        ("Client sent an HTTP request to an HTTPS server.", EngineMisaddressed, "HTTPS server"),
        ("something \x1b[31mnew", EngineFailed, "something new."),
        ("x" * 5000, EngineFailed, "xxx…"),
    ],
)
def test_what_the_engine_says_is_classified_or_shown_cleaned(
    text: str, kind: type[RoforlmaoError], part: str
) -> None:
    found = translate(said(text), "starting it")
    assert type(found) is kind
    assert part in found.message
    assert found.message.isprintable()
    assert len(found.message) < 450


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert list(causes(one)) == [one, two]


def test_errors_of_the_library_leave_a_block_as_ours() -> None:
    with pytest.raises(EngineLost, match="while looking"), translating("looking"):
        raise wrapped(ConnectionResetError())
    with pytest.raises(KeyError), translating("looking"):
        raise KeyError("a mistake of ours stays one")


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("manifest for h/a:1 not found: manifest unknown: manifest unknown", ImageNotFound, "has no image"),
        ("name unknown: repository name not known to registry", ImageNotFound, "has no image"),
        ("reading manifest 1 in docker.io/a: manifest unknown", ImageNotFound, "has no image"),
        ('Head "http://h/v2/a/manifests/1": no basic auth credentials', ImageDenied, "wants a login"),
        ("unauthorized: authentication required", ImageDenied, "refuses your login"),
        ("denied: requested access to the resource is denied", ImageDenied, "refuses your login"),
        (
            "pull access denied for a, repository does not exist or may require 'docker login': denied",
            ImageDenied,
            "does not exist, or needs a login",
        ),
        ("toomanyrequests: You have reached your pull rate limit.", Unreachable, "no more images"),
        ('Get "http://h/v2/": dial tcp 127.0.0.1:1: connect: connection refused', Unreachable, "not answer"),
        ("dial tcp: lookup nohost.invalid: no such host", Unreachable, "does not answer"),
        ("net/http: request canceled (Client.Timeout exceeded)", Unreachable, "does not answer"),
        ("received unexpected HTTP status: 503 Service Unavailable", Unreachable, "does not answer"),
        ("x509: certificate signed by unknown authority", Unreachable, "certificate"),
        ("http: server gave HTTP response to HTTPS client", Unreachable, "certificate"),
        ("unexpected EOF", Unreachable, "broke off"),
        ("read tcp 1->2: read: connection reset by peer", Unreachable, "broke off"),
        ("filesystem layer verification failed for digest sha256:0", Unreachable, "broke off"),
        ("failed to register layer: write /a: no space left on device", StorageFailed, "disk is full"),
        ("no matching manifest for linux/amd64 in the manifest list entries", ImageArchitecture, "not made"),
        ("error getting credentials - err: exit status 1", ImageDenied, "cannot be had"),
        ("something \x1b[2Jnew", EngineFailed, "something new."),
        ("", EngineFailed, "not pulled"),
    ],
)
def test_a_refused_pull_is_told_apart_by_its_words(text: str, kind: type[RoforlmaoError], part: str) -> None:
    found = refusal(text, "h:5000/a:1")
    assert type(found) is kind
    assert part in found.message
    assert "h:5000" in found.message + found.hint
    assert found.message.isprintable()
    assert found.hint
    assert type(pull_failed(said(text or "?"), "h:5000/a:1")) is kind


def test_a_pull_that_reaches_no_engine_blames_the_engine() -> None:
    assert type(pull_failed(wrapped(ConnectionResetError()), "a")) is EngineLost
    helper = DockerException("Credentials store error: StoreError('not installed')")
    assert type(pull_failed(helper, "a")) is ImageDenied
