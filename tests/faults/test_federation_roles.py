"""The roles of docs/federation.md on a real etcd with TLS and authentication: who may write what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from roforlmao.errors import Denied
from roforlmao.models import Announcement, Dataset, Tool
from roforlmao.registry.catalog import Catalog
from tests.contract.certificates import authority, signed
from tests.contract.etcdcluster import running
from tests.faults.test_etcd_secure import PASSWORD, Secure, permission
from tests.session.world import Operator

URL = "https://example.org/r.git"
CONTRIBUTED = ("hubs", "members", "audits", "votes", "notes", "duties", "fired")


def granted(role: str, prefix: str, kind: str = "READWRITE") -> tuple[str, dict[str, Any]]:
    perm = {**permission(prefix.encode()), "permType": kind}
    return "RoleGrantPermission", {"name": role, "perm": perm}


def user(name: str, *roles: str) -> list[tuple[str, dict[str, Any]]]:
    grants = [("UserGrantRole", {"user": name, "role": role}) for role in roles]
    return [("UserAdd", {"name": name, "password": PASSWORD}), *grants]


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    place = tmp_path_factory.mktemp("roles")
    authority(place)
    signed(place, "server")
    with running(place, size=1, tls=place) as cluster:
        found = Secure(cluster, place)
        roles = [("RoleAdd", {"name": name}) for name in ("mao-member", "mao-curator", "mao-ann")]
        found.administer(
            [
                ("UserAdd", {"name": "root", "password": "root"}),
                ("UserGrantRole", {"user": "root", "role": "root"}),
                *roles,
                granted("mao-member", "/mao/", "READ"),
                *(granted("mao-member", f"/mao/{room}/") for room in CONTRIBUTED),
                *(granted("mao-curator", f"/mao/{room}/") for room in ("tools", "data", "experiments")),
                *(granted("mao-ann", f"/mao/{room}/ann-") for room in ("tools", "data", "experiments")),
                *user("ann", "mao-member", "mao-ann"),
                *user("ben", "mao-member"),
                *user("eve", "mao-member", "mao-curator"),
                ("AuthEnable", {}),
            ]
        )
        yield found


def catalog_of(secure: Secure, name: str) -> Iterator[Catalog]:
    with closing(secure.registry(name)) as registry:
        yield Catalog(registry, "/mao/", name, allow_local=False)


@pytest.fixture
def ann(secure: Secure) -> Iterator[Catalog]:
    yield from catalog_of(secure, "ann")


@pytest.fixture
def ben(secure: Secure) -> Iterator[Catalog]:
    yield from catalog_of(secure, "ben")


@pytest.fixture
def eve(secure: Secure) -> Iterator[Catalog]:
    yield from catalog_of(secure, "eve")


def test_an_operator_owns_the_names_that_begin_with_theirs(ann: Catalog, ben: Catalog) -> None:
    assert ann.add_tool(Tool("ann-x", code_repo=URL)).registered_by == "ann"
    for write in (
        lambda: ann.add_tool(Tool("x", code_repo=URL)),
        lambda: ben.add_tool(Tool("ann-x", code_repo="https://example.org/evil"), replace=True),
        lambda: ben.remove_tool("ann-x"),
        lambda: ben.add_dataset(Dataset("ann-d", URL)),
    ):
        with pytest.raises(Denied, match="does not allow you that"):
            write()
    assert ben.tool("ann-x").code_repo == URL


def test_a_member_reads_all_and_announces(ann: Catalog, ben: Catalog) -> None:
    key = ben.announce(Announcement("h", "2026-01-01", "ben", URL))
    assert key == "/mao/hubs/h/2026-01-01/ben"
    assert [one.operator for one in ann.announcements("h").good] == ["ben"]


def test_a_curator_may_register_what_they_want(eve: Catalog, ann: Catalog) -> None:
    eve.add_dataset(Dataset("common", URL))
    assert ann.dataset("common").registered_by == "eve"


def test_nobody_sees_what_lies_beside_the_federation(secure: Secure) -> None:
    with closing(secure.registry("eve")) as registry, pytest.raises(Denied):
        registry.get("/elsewhere")


def test_a_member_joins_with_user_and_password(secure: Secure, tmp_path: Path) -> None:
    home = tmp_path / "ben"
    home.mkdir()
    (home / "config.yaml").write_text("operator: ben\n")
    (home / "password").write_text(PASSWORD + "\n")
    (home / "password").chmod(0o600)
    words = ["federation", "join", *secure.cluster.endpoints, "--ca", secure.place / "ca.crt"]
    ben = Operator("ben", home)
    alone = ben.verb(*words)
    assert (alone.status, alone.data["error"]["code"]) == (3, "denied")
    done = ben.done(*words, "--username", "ben", "--password-file", home / "password")
    assert [one["ok"] for one in done["endpoints"]] == [True]
    refused = ben.verb("tool", "add", "x", "--code-repo", URL, "--unchecked")
    assert (refused.status, refused.data["error"]["code"]) == (3, "denied")
