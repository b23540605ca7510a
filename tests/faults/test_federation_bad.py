"""Endpoints, certificates and clocks that are wrong: told when one joins, and when one works with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from roforlmao.federation import clocks
from roforlmao.registry.etcd import EtcdRegistry
from tests.contract.certificates import authority, signed
from tests.contract.etcdcluster import Cluster, config, free_ports, running, wait_for
from tests.faults.badendpoints import another_clock, another_version
from tests.faults.test_etcd_secure import listens, web_server
from tests.screens.terminal import Terminal
from tests.session.world import Operator

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("etcd"), size=1) as found:
        yield found


@pytest.fixture
def ann(tmp_path: Path) -> Operator:
    home = tmp_path / "ann"
    home.mkdir()
    (home / "config.yaml").write_text("operator: ann\n")
    return Operator("ann", home)


def configured(operator: Operator, *endpoints: str, **files: Path) -> None:
    """As one writes it by hand, without a test of the cluster."""
    values = {"endpoints": list(endpoints), **{name: str(path) for name, path in files.items()}}
    (operator.home / "config.yaml").write_text(
        f"operator: {operator.name}\nregistry: {{backend: etcd, etcd: {values}}}\n"
    )


def checks(operator: Operator, status: int) -> dict[str, dict[str, Any]]:
    answer = operator.verb("doctor")
    assert answer.status == status, answer.out
    return {one["check"]: one for one in answer.data}


@contextmanager
def nowhere() -> Iterator[str]:
    yield "etcd.nowhere.invalid:2379"


@contextmanager
def etcd_4() -> Iterator[str]:
    with another_version("4.0.0") as endpoint:
        yield endpoint


@pytest.mark.parametrize(
    ("place", "status", "when_joining", "when_working"),
    [
        (nowhere, 4, "cannot be found by its name", "cannot be found by its name"),
        (web_server, 2, "as a web server", "as a web server"),
        (etcd_4, 2, "is etcd 4.0.0", "no etcd of version 3"),
    ],
)
def test_an_endpoint_of_no_use_is_named_when_joining_working_and_checking(
    ann: Operator,
    place: Callable[[], AbstractContextManager[str]],
    status: int,
    when_joining: str,
    when_working: str,
) -> None:
    with place() as endpoint:
        joined = ann.verb("federation", "join", endpoint)
        assert (joined.status, when_joining in joined.data["error"]["message"]) == (status, True)
        configured(ann, endpoint)
        worked = ann.verb("tool", "get")
        assert (worked.status, when_working in worked.data["error"]["message"]) == (4, True), worked.out
        assert worked.data["error"]["hint"]
        found = checks(ann, 1)["registry"]
        assert (found["ok"], when_working in found["detail"]) == (False, True)


@pytest.mark.parametrize(
    "endpoint",
    ["etcd.example.org", "http://etcd.example.org:2379", "etcd.example.org:2379/v3", "[::1:2379", ""],
)
def test_a_configuration_with_what_is_no_endpoint_names_file_line_and_key(
    ann: Operator, endpoint: str
) -> None:
    configured(ann, endpoint)
    where = "config.yaml, line 2: registry.etcd.endpoints"
    for words in (("tool", "get"), ("hub", "list")):
        answer = ann.verb(*words)
        assert (answer.status, answer.data["error"]["code"]) == (2, "bad-configuration")
        assert where in answer.data["error"]["message"]
        assert "host:port" in answer.data["error"]["hint"]
    found = checks(ann, 1)
    for name in ("configuration", "registry"):
        assert (found[name]["ok"], where in found[name]["detail"]) == (False, True)


@pytest.mark.parametrize(
    ("host", "days", "when_joining", "when_working"),
    [
        ("127.0.0.1", -1, "has expired", "one that is not valid"),
        ("other.example.org", 2, "is for another host", "certificate for another host"),
    ],
)
def test_a_certificate_of_another_time_or_host_is_told_by_every_verb(
    cluster: Cluster,
    ann: Operator,
    tmp_path: Path,
    host: str,
    days: int,
    when_joining: str,
    when_working: str,
) -> None:
    del cluster  # skips where etcd is not installed
    authority(tmp_path)
    signed(tmp_path, "server", host, days)
    secure = Cluster(tmp_path, 1, tmp_path)
    ca, (endpoint,) = tmp_path / "ca.crt", secure.endpoints
    with closing(secure):
        secure.servers[0].start()
        assert wait_for(lambda: listens(secure.servers[0].port))
        joined = ann.verb("federation", "join", endpoint, "--ca", ca)
        assert (joined.status, when_joining in joined.data["error"]["message"]) == (2, True), joined.out
        configured(ann, endpoint, ca=ca)
        worked = ann.verb("tool", "get")
        assert (worked.status, when_working in worked.data["error"]["message"]) == (4, True), worked.out
        found = checks(ann, 1)["registry"]
        assert (found["ok"], when_working in found["detail"]) == (False, True)


@pytest.mark.parametrize(
    ("name", "text", "when_joining", "when_working"),
    [
        ("ca", None, "bad cannot be read", "bad cannot be read"),
        ("ca", "no certificate", "bad is not a PEM file", "bad is not a PEM file"),
        (
            "ca",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "bad holds no certificate that can be used",
            "with certificate files that cannot be used",
        ),
        ("key", None, "bad cannot be read", "bad cannot be read"),
        (
            "key",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "bad cannot be used together",
            "with certificate files that cannot be used",
        ),
    ],
)
def test_certificate_files_of_no_use_are_told_by_every_verb(
    cluster: Cluster,
    ann: Operator,
    tmp_path: Path,
    name: str,
    text: str | None,
    when_joining: str,
    when_working: str,
) -> None:
    authority(tmp_path)
    signed(tmp_path, "own")
    files = {"ca": tmp_path / "ca.crt", "cert": tmp_path / "own.crt", "key": tmp_path / "own.key"}
    files[name] = tmp_path / "bad"
    if text is not None:
        files[name].write_text(text)
    options = [word for option, path in files.items() for word in (f"--{option}", path)]
    joined = ann.verb("federation", "join", *cluster.endpoints, *options)
    assert (joined.status, when_joining in joined.data["error"]["message"]) == (2, True), joined.out
    configured(ann, *cluster.endpoints, **files)
    worked = ann.verb("tool", "get")
    assert (worked.status in (2, 4), when_working in worked.data["error"]["message"]) == (True, True), (
        worked.out
    )
    found = checks(ann, 1)["registry"]
    assert (found["ok"], when_working in found["detail"], found["hint"] != "") == (False, True, True)


def test_the_menus_open_on_a_configuration_of_no_use_and_say_so(ann: Operator) -> None:
    with web_server() as endpoint:
        configured(ann, endpoint)
        with Terminal(ann.command(), cols=100) as terminal:
            terminal.wait_for("Tools")
            terminal.wait_for("registry away")


# --- clocks ---


@pytest.mark.parametrize(("by", "said"), [(HOUR, "60 minutes behind"), (-HOUR, "60 minutes ahead of")])
def test_a_clock_that_is_an_hour_off_is_told_by_join_and_doctor(
    cluster: Cluster, ann: Operator, by: dt.timedelta, said: str
) -> None:
    with another_clock(cluster.endpoints[0], by) as endpoint:
        joined = ann.verb("federation", "join", endpoint)
        assert joined.status == 0
        assert said in joined.err
        assert joined.data["endpoints"][0]["clock_ahead_s"] == pytest.approx(-by.total_seconds(), abs=3)
        found = checks(ann, 1)
    assert (found["clock"]["ok"], found["registry"]["ok"]) == (False, True)
    assert said in found["clock"]["detail"]
    assert "timedatectl" in found["clock"]["hint"]


def test_a_clock_that_is_right_says_by_whom(cluster: Cluster, ann: Operator) -> None:
    ann.done("federation", "join", *cluster.endpoints)
    assert "as 1 member of the cluster have it" in checks(ann, 0)["clock"]["detail"]


def test_a_cluster_that_tells_no_time_is_no_failure_of_the_clock(ann: Operator) -> None:
    configured(ann, f"127.0.0.1:{free_ports(1)[0]}")
    found = checks(ann, 1)["clock"]
    assert (found["ok"], "no member of the cluster tells the time" in found["detail"]) == (True, True)


@pytest.mark.parametrize(
    ("ahead", "here", "there"),
    [
        ({}, "", ""),
        ({"a": 59.0, "b": -59.0}, "", ""),
        ({"a": 3600.0}, "60 minutes ahead of the cluster's (1 member of 1)", ""),
        ({"a": -3600.0, "b": -3601.0, "c": 0.0}, "60 minutes behind the cluster's (2 members of 3)", ""),
        ({"a": 3600.0, "b": 0.0, "c": 1.0}, "", "The clock of a is off"),
        ({"a": 3600.0, "b": 0.0}, "", "The clock of a is off"),
    ],
)
def test_the_clock_that_is_wrong_is_the_one_that_most_disagree_with(
    ahead: dict[str, float], here: str, there: str
) -> None:
    assert here in clocks.wrong_here(ahead)
    assert bool(clocks.wrong_here(ahead)) == bool(here)
    assert there in clocks.wrong_there(ahead)
    assert bool(clocks.wrong_there(ahead)) == bool(there)


def test_a_namespace_that_something_else_uses_is_told_by_doctor(cluster: Cluster, ann: Operator) -> None:
    with closing(EtcdRegistry(config(*cluster.endpoints))) as registry:
        registry.put("/kube/pods/a", b"x")
        registry.put("/kube/tools/t", b"{}")
    configured(ann, *cluster.endpoints)
    text = (ann.home / "config.yaml").read_text()
    (ann.home / "config.yaml").write_text(text.replace("backend: etcd", "backend: etcd, namespace: /kube/"))
    found = checks(ann, 0)["registry"]
    assert "Something else keeps 1 key below /kube/" in found["hint"]
