"""What gRPC and etcd say, told as the registry's own errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pytest

from roforlmao.errors import Compacted, Denied, LeaseLost, LoginRefused, RoforlmaoError, TooLarge, Unavailable
from roforlmao.registry import etcd_errors as errors
from roforlmao.registry.etcd_reasons import reason, unavailable

Code = Enum("Code", "UNAVAILABLE NOT_FOUND INVALID_ARGUMENT OUT_OF_RANGE PERMISSION_DENIED DEADLINE_EXCEEDED")
Code2 = Enum("Code2", "RESOURCE_EXHAUSTED UNIMPLEMENTED UNAUTHENTICATED INTERNAL FAILED_PRECONDITION")
CONNECT = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: "


@dataclass
class Said:
    """As much of grpc.RpcError as is looked at."""

    name: str
    text: str | None

    def code(self) -> Enum:
        return (Code2 if self.name in Code2.__members__ else Code)[self.name]

    def details(self) -> str | None:
        return self.text


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("NOT_FOUND", "etcdserver: requested lease not found", LeaseLost),
        ("INVALID_ARGUMENT", "etcdserver: request is too large", TooLarge),
        ("RESOURCE_EXHAUSTED", "grpc: received message larger than max (3 vs. 2)", TooLarge),
        ("RESOURCE_EXHAUSTED", "CLIENT: Received message larger than max (3 vs. 2)", TooLarge),
        ("OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted", Compacted),
        ("OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision", Compacted),
        ("PERMISSION_DENIED", "etcdserver: permission denied", Denied),
        ("INVALID_ARGUMENT", "etcdserver: user name is empty", LoginRefused),
        ("INVALID_ARGUMENT", "etcdserver: authentication failed, invalid user ID or password", LoginRefused),
        ("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded", Unavailable),
        ("UNIMPLEMENTED", "unknown service etcdserverpb.KV", Unavailable),
        ("FAILED_PRECONDITION", "something \x1b[31mnew", Unavailable),
        ("UNIMPLEMENTED", None, Unavailable),
    ],
)
def test_an_answer_that_a_repeat_would_not_change_is_a_typed_error(
    code: str, text: str | None, kind: type[RoforlmaoError]
) -> None:
    told = errors.answer(Said(code, text))
    assert type(told) is kind
    assert told.hint
    assert told.message.endswith(".")
    assert "\x1b" not in told.message


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"])
def test_a_failure_that_another_member_may_mend_is_no_answer(code: str) -> None:
    assert errors.answer(Said(code, "Socket closed")) is None


@pytest.mark.parametrize(
    ("code", "text", "never"),
    [
        ("UNAVAILABLE", CONNECT + "Failed to connect to remote host: Connection refused", True),
        ("UNAVAILABLE", "errors resolving etcd.nowhere.invalid:2379: [not found]", True),
        ("UNAVAILABLE", "etcdserver: no leader", True),
        ("UNAVAILABLE", "etcdserver: leader changed", False),
        ("UNAVAILABLE", "Socket closed", False),
        ("DEADLINE_EXCEEDED", "Deadline Exceeded", False),
        ("UNAVAILABLE", None, False),
    ],
)
def test_only_what_certainly_arrived_nowhere_counts_as_not_sent(
    code: str, text: str | None, never: bool
) -> None:
    assert errors.never_sent(Said(code, text)) is never


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("etcdserver: invalid auth token", True),
        ("etcdserver: revision of auth store is old", True),
        ("etcdserver: permission denied", False),
    ],
)
def test_an_old_token_is_told_from_missing_rights(text: str, old: bool) -> None:
    assert errors.token_is_old(Said("UNAUTHENTICATED", text)) is old
    assert errors.only_lacks_rights(errors.answer(Said("PERMISSION_DENIED", text)) or Denied("")) is not old


@pytest.mark.parametrize(
    ("code", "text", "said", "lasting"),
    [
        ("UNAVAILABLE", CONNECT + "Connection refused", "refuses the connection", False),
        ("UNAVAILABLE", "errors resolving x:1: [Domain name not found]", "cannot be found", False),
        ("UNAVAILABLE", CONNECT + "Failed parsing HTTP/2 (Expected SETTINGS frame ...)", "web server", True),
        ("UNAVAILABLE", CONNECT + "Trying to connect an http1.x server", "web server", True),
        ("UNAVAILABLE", CONNECT + "Tls ...: CERTIFICATE_VERIFY_FAILED: expired", "certificate that ca", True),
        ("UNAVAILABLE", CONNECT + "Custom ...: Hostname Verification Check failed.", "another host", True),
        ("UNAVAILABLE", CONNECT + "Unwrap failed (TSI_DATA_CORRUPTED)", "certificate of ours", True),
        ("UNAVAILABLE", CONNECT + "Failed to create security handshaker.", "certificate files", True),
        ("UNAVAILABLE", CONNECT + "Handshake read failed (Socket closed)", "speaks no TLS", False),
        ("UNAVAILABLE", CONNECT + "Socket closed", "closes the connection", False),
        ("UNAVAILABLE", "etcdserver: no leader", "majority", False),
        ("DEADLINE_EXCEEDED", "Deadline Exceeded", "does not answer in time", False),
        ("INTERNAL", "a\x1b]0;title\x07b", "fails: ab", False),
        ("INTERNAL", None, "fails: INTERNAL", False),
    ],
)
def test_each_way_to_fail_has_words_of_its_own(code: str, text: str | None, said: str, lasting: bool) -> None:
    why = reason(Said(code, text))
    assert said in why.said
    assert why.hint
    assert why.lasting is lasting


def test_endpoints_that_fail_alike_are_told_together() -> None:
    refused = reason(Said("UNAVAILABLE", CONNECT + "Connection refused"))
    silent = reason(Said("DEADLINE_EXCEEDED", ""))
    told = unavailable({"a:1": refused, "b:1": refused, "c:1": silent, "d:1": refused})
    assert told.message == (
        "The registry does not answer, nothing was written: a:1 refuses the connection"
        " (and 2 others likewise); c:1 does not answer in time."
    )
    assert told.hint == refused.hint


def test_even_without_a_reason_there_is_a_sentence() -> None:
    assert unavailable({}).message.endswith("no time was left.")
