"""Invites are read strictly, and hold no secret; hosts of a cluster to be are checked."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from roforlmao.errors import BadInput
from roforlmao.federation import invite, starting
from roforlmao.federation.certificates import fingerprint, only_certificates
from tests.contract.certificates import authority, signed

NOW = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ca")
    authority(place)
    signed(place, "server")
    return place


def made(place: Path, tmp_path: Path, **changes: Any) -> Path:
    """An invite as a file, with fields changed or (None) left out."""
    path = tmp_path / "invite.json"
    invite.write(invite.make(("etcd.example.org:2379",), "/mao/", place / "ca.crt", "ann", NOW), path)
    fields = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in fields.items() if value is not None}))
    return path


def test_an_invite_is_read_as_it_was_made(place: Path, tmp_path: Path) -> None:
    found = invite.read(made(place, tmp_path), NOW)
    assert (found.endpoints, found.namespace, found.invited_by) == (
        ("etcd.example.org:2379",),
        "/mao/",
        "ann",
    )
    assert found.ca == only_certificates((place / "ca.crt").read_text())


def test_a_key_in_the_authority_s_file_does_not_come_along(place: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_text((place / "ca.key").read_text() + (place / "ca.crt").read_text())
    path = tmp_path / "invite.json"
    invite.write(invite.make(("h:1",), "/mao/", both, "ann", NOW), path)
    assert "PRIVATE" not in path.read_text()
    assert invite.read(path, NOW).ca_sha256 == fingerprint((place / "ca.crt").read_text())


def test_the_fingerprint_is_the_one_that_openssl_shows(place: Path) -> None:
    shown = subprocess.run(
        ["openssl", "x509", "-in", "ca.crt", "-noout", "-fingerprint", "-sha256"],
        cwd=place,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.strip().endswith("=" + fingerprint((place / "ca.crt").read_text()))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "roforlmao invite 2"},
        {"endpoints": []},
        {"endpoints": "h:1"},
        {"endpoints": ["http://h:1"]},
        {"endpoints": ["h:1", 2]},
        {"namespace": "mao"},
        {"namespace": 3},
        {"namespace": None},
        {"ca": ""},
        {"ca": "-----BEGIN PRIVATE KEY-----"},
        {"ca_sha256": "00"},
        {"invited_by": "../x"},
        {"invited_by": "\x1b[2J"},
        {"made_at": None},
        {"password": "hunter2"},
    ],
)
def test_what_an_invite_does_not_hold_is_refused(
    place: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as refused:
        invite.read(made(place, tmp_path, **changes), NOW)
    assert "\x1b" not in refused.value.message


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 50_000, "x" * 200_000])
def test_what_is_no_invite_at_all_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "invite.json"
    path.write_text(text)
    with pytest.raises(BadInput):
        invite.read(path, NOW)


@pytest.mark.parametrize("days", [-3, 5])
def test_an_authority_out_of_its_dates_is_refused(place: Path, tmp_path: Path, days: int) -> None:
    with pytest.raises(BadInput, match=r"valid only from|expired"):
        invite.read(made(place, tmp_path), NOW + dt.timedelta(days=days))


def test_a_certificate_that_is_no_authority_cannot_be_passed_on(place: Path) -> None:
    with pytest.raises(BadInput, match="not that of an authority"):
        invite.make(("h:1",), "/mao/", place / "server.crt", "ann", NOW)


@pytest.mark.parametrize(
    "text", ["", "a,b", "a,b,c,d", "a b", "-a", "a:1:2:3", "a:0", "a:x", "a,a,b", "a;rm", "$(id)"]
)
def test_hosts_that_make_no_cluster_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        starting.parse_hosts(text)


@pytest.mark.parametrize(
    ("host", "listens"), [("10.0.0.1", "10.0.0.1"), ("8.8.8.8", "0.0.0.0"), ("etcd.example.org", "0.0.0.0")]
)
def test_a_member_listens_where_its_clients_come_from(host: str, listens: str) -> None:
    (found,) = starting.parse_hosts(host)
    assert found.listens == listens
    assert host in found.alternative_names


def test_three_hosts_get_the_same_cluster_in_script_unit_and_compose_file() -> None:
    hosts = starting.parse_hosts("10.0.0.1,10.0.0.2,10.0.0.3")
    files = starting.files_for(hosts, "ann", "t")
    for number, host in enumerate(hosts, 1):
        command = yaml.safe_load(files[f"compose-mao{number}.yml"])["services"]["etcd"]["command"][1:]
        assert command == starting.flags(host, hosts, "t", "/etc/roforlmao-etcd", "/var/lib/roforlmao-etcd")
        assert all(flag in files[f"etcd-mao{number}.service"] for flag in command)
        assert (
            f"--initial-cluster={','.join(f'mao{n}=https://10.0.0.{n}:2380' for n in (1, 2, 3))}" in command
        )
        assert {"--client-cert-auth", "--peer-client-cert-auth"} <= set(command)
