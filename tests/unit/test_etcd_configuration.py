"""What an etcd registry refuses before it connects, and what it does not load until then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import BadInput, ConfigurationError, TooLarge
from roforlmao.registry.base import MAX_VALUE, Compare, Delete, Put
from roforlmao.registry.etcd import EtcdRegistry
from roforlmao.registry.etcd_secrets import Secrets
from roforlmao.schema import EtcdConfig

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = Path("some.pem")


def config(**values: Any) -> EtcdConfig:
    names = ("username", "password_file", "ca", "cert", "key")
    return EtcdConfig(("127.0.0.1:1",), **{**dict.fromkeys(names), **values})


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"username": "alice", "password_file": FILE}, "without TLS"),
        ({"username": "alice", "ca": FILE}, "username and password_file"),
        ({"password_file": FILE, "ca": FILE}, "username and password_file"),
        ({"ca": FILE, "cert": FILE}, "cert and key"),
        ({"ca": FILE, "key": FILE}, "cert and key"),
        ({"cert": FILE, "key": FILE}, "cannot be verified"),
    ],
)
def test_a_combination_that_is_not_safe_is_refused_at_once(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        EtcdRegistry(config(**values))
    assert caught.value.message.startswith("registry.etcd")
    assert caught.value.hint


@pytest.mark.parametrize("values", [{}, {"ca": FILE}, {"ca": FILE, "cert": FILE, "key": FILE}])
def test_other_combinations_are_taken_and_nothing_is_read_yet(values: dict[str, Any]) -> None:
    registry = EtcdRegistry(config(**values))
    registry.close()
    assert not FILE.exists(), "nothing was read: there is no such file"


def test_relative_paths_begin_at_the_base(tmp_path: Path) -> None:
    (tmp_path / "some.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    (tmp_path / "password").write_text("s3cret word\nanother line\n", encoding="utf-8")
    secrets = Secrets(config(ca=FILE, username="alice", password_file=Path("password")), tmp_path)
    assert secrets.password() == "s3cret word"
    tls = secrets.tls()
    assert tls is not None
    assert tls.ca.startswith(b"-----BEGIN")


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_password_that_others_can_read_is_said(tmp_path: Path, mode: int, exposed: bool) -> None:
    path = tmp_path / "password"
    path.write_text("s3cret", encoding="utf-8")
    path.chmod(mode)
    told = Secrets(config(ca=FILE, username="alice", password_file=path), tmp_path).exposed()
    assert ("chmod 600" in told) is exposed
    assert "s3cret" not in told


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\n"])
def test_a_password_file_without_a_password_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "password").write_bytes(content)
    secrets = Secrets(config(ca=FILE, username="alice", password_file=Path("password")), tmp_path)
    with pytest.raises(ConfigurationError, match="first line"):
        secrets.password()


def test_nothing_heavy_is_loaded_before_the_first_call() -> None:
    code = (
        "import sys\n"
        "from roforlmao.registry.etcd import EtcdRegistry\n"
        "from roforlmao.schema import EtcdConfig\n"
        "EtcdRegistry(EtcdConfig(('127.0.0.1:1',), None, None, None, None, None)).close()\n"
        "print(sorted({'grpc', 'etcd3', 'google', 'tenacity'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_bad_input_is_refused_without_a_connection() -> None:
    registry = EtcdRegistry(config())
    for call in (
        lambda: registry.get(""),
        lambda: registry.list("a\nb"),
        lambda: registry.list("/", 0),
        lambda: registry.watch("\x1b"),
        lambda: registry.session(0),
        lambda: registry.transaction([Compare("", 1)], []),
        lambda: registry.transaction([], [Put("/a", b""), Delete("/a")]),
        lambda: registry.transaction([Compare("/a", 1)] * 128, [Put("/a", b"")]),
    ):
        with pytest.raises(BadInput):
            call()
    with pytest.raises(TooLarge):
        registry.put("/a", b"x" * (MAX_VALUE + 1))
    registry.close()
