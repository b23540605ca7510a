"""The messages of python-etcd3, rebuilt from their descriptors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("grpc", reason="the etcd client is not installed (requirements.txt)")

from roforlmao.registry.etcd_read import span
from roforlmao.registry.etcd_stubs import _serialized, load

ROOT = Path(__file__).resolve().parent.parent.parent


def test_messages_go_to_bytes_and_back() -> None:
    messages = load().messages
    put = messages.PutRequest(key=b"/a", value=b"\x00\xff", lease=7)
    request = messages.TxnRequest(
        compare=[
            messages.Compare(
                key=b"/a", target=messages.Compare.MOD, result=messages.Compare.EQUAL, mod_revision=3
            )
        ],
        success=[messages.RequestOp(request_put=put)],
    )
    again = messages.TxnRequest.FromString(request.SerializeToString())
    assert again == request
    assert again.success[0].request_put.value == b"\x00\xff"
    # The wire format is etcd's own: field 1 (key), then 2 (value), then 3 (lease).
    assert put.SerializeToString() == b"\x0a\x02/a\x12\x02\x00\xff\x18\x07"


def test_the_library_s_own_client_imports_too() -> None:
    code = (
        "from roforlmao.registry.etcd_stubs import load\n"
        "load()\n"
        "import etcd3\n"
        "print(etcd3.client, etcd3.etcdrpc.NOSPACE)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "GRPC_VERBOSITY"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.stdout.split()[-1] == "1"
    assert done.stderr == ""


def test_a_module_of_another_making_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kv_pb2.py").write_text("DESCRIPTOR = None\n", encoding="utf-8")
    with pytest.raises(ImportError, match="holds no descriptor"):
        _serialized(tmp_path / "kv_pb2.py")


@pytest.mark.parametrize(
    ("prefix", "inside", "outside"),
    [
        ("/k/", ["/k/", "/k/a", "/k/ü", "/k/😀", "/k/\U0010ffff"], ["/k", "/k0", "/l", "/j/z"]),
        ("", [" ", "/a", "ü", "\U0010fffd"], []),
    ],
)
def test_a_range_holds_the_keys_of_its_prefix_and_no_others(
    prefix: str, inside: list[str], outside: list[str]
) -> None:
    low, high = span(prefix)
    assert all(low <= key.encode() < high for key in inside)
    assert not any(low <= key.encode() < high for key in outside)


def test_whoever_waits_for_a_message_is_woken_seldom() -> None:
    assert load().grpc._common.MAXIMUM_WAIT_TIMEOUT >= 1  # else a new gRPC needs another way to be quiet
