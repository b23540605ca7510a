"""What others wrote into the registry: 2 MB entries, wrong shapes, hostile names; read by every verb."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from roforlmao.cli import main
from roforlmao.registry.etcd_stubs import load
from tests.contract.etcdcluster import Cluster, running
from tests.session.world import Answer, Operator

LARGE = 2_000_000
URL = "https://example.org/them/data.git"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
DAY = "2026-01-02"
READING = (
    ("tool", "get"),
    ("dataset", "get"),
    ("experiment", "get"),
    ("hub", "list"),
    ("hub", "dates", "h"),
    ("hub", "operators", "h", DAY),
    ("hub", "calendar", "h"),
    ("member", "list"),
)
ROOMS = ("tools", "data", "experiments", "members", f"hubs/h/{DAY}", "audits/h", "votes/h", "notes/h")
HOSTILE_NAMES = (
    "\x1b]0;owned\x07\x1b[2J",
    "[bold red]x[/bold red]",
    ":boom:",
    "../../../etc/passwd",
    "..",
    ".git",
    "-rf",
    "--upload-pack=id",
    "a b\nc\rd",
    "\u202egpj.exe",
    "x" * 5000,
    "a/b/c/d",
    "",
)
WRONG_SHAPES = (
    b"",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"\xff\xfe\x00\x01",
    b"{'code_repo': 'https://h/c'}",
    b"[" * 50_000,
    b'{"a":' * 5_000,
    b'{"url": ["x"], "code_repo": {"a": 1}, "tool": 7, "votes": 7, "operators": 7}',
    b'{"url": "ext::sh -c id", "code_repo": "ext::sh -c id", "tool": "--help"}',
    b'{"url": "https://h/\\u001b[2J", "code_repo": "https://h/\\u001b[2J", "tool": "\\u001b[2J"}',
    b'{"rows": 1e999, "url": "https://h/c"}',
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One that takes larger entries than ours ever are, as some administrators allow it."""
    flags = ["--max-request-bytes", "8000000"]
    with running(tmp_path_factory.mktemp("etcd"), size=1, flags=flags) as found:
        yield found


@pytest.fixture
def ann(cluster: Cluster, tmp_path: Path) -> Operator:
    """Joined, with one good entry of each kind."""
    cluster.wipe()
    home = tmp_path / "ann"
    home.mkdir()
    (home / "config.yaml").write_text("operator: ann\n")
    ann = Operator("ann", home)
    ann.done("federation", "join", *cluster.endpoints)
    ann.done("tool", "add", "good", "--code-repo", URL, "--unchecked")
    ann.done("dataset", "add", "good", URL, "--unchecked")
    ann.done("experiment", "add", "good", "good")
    plant(cluster, {f"hubs/h/{DAY}/ben".encode(): json.dumps({"url": URL, "rows": 3}).encode()})
    return ann


def plant(cluster: Cluster, entries: dict[bytes, bytes]) -> None:
    """Past every check of ours, as any program may that can write there."""
    api = load()
    options = [("grpc.max_send_message_length", 16_000_000)]
    with api.grpc.insecure_channel(cluster.endpoints[0], options=options) as channel:
        kv = api.services.KVStub(channel)
        for key, value in entries.items():
            kv.Put(api.messages.PutRequest(key=b"/mao/" + key, value=value), timeout=10)


def plainly(operator: Operator, *words: str) -> Answer:
    """The verb as people see it: without --json."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["--home", str(operator.home), *words])
    return Answer(status, out.getvalue(), err.getvalue())


def goods_are_there(operator: Operator) -> dict[str, str]:
    """What each reading verb warns of; it shows the good entries, and nothing that a terminal would obey."""
    told = {}
    for words in READING:
        people, program = plainly(operator, *words), operator.verb(*words)
        assert (people.status, program.status) == (0, 0), (words, people.err, program.out)
        assert not CONTROL.search(people.out + people.err + program.err), words
        assert program.out.isascii()
        told[" ".join(words[:2])] = program.err
    for group in ("tool", "dataset", "experiment"):
        assert "good" in {one["name"] for one in operator.done(group, "get")}
    assert "h" in operator.done("hub", "list")
    assert "ben" in {one["operator"] for one in operator.done("hub", "operators", "h", DAY)}
    return told


def refusals(told: dict[str, str], room: str) -> list[str] | None:
    """A line for each refused entry of the room; None for one that no verb lists by itself."""
    verbs = {"tools": "tool get", "data": "dataset get", "experiments": "experiment get"}
    verb = verbs.get(room, "hub operators" if room.startswith("hubs") else "")
    lines = told[verb].splitlines() if verb else None
    assert not lines or max(map(len, lines)) < 400
    return lines


def test_an_entry_of_2_mb_is_refused_by_its_key_and_hides_nothing(cluster: Cluster, ann: Operator) -> None:
    plant(cluster, {f"{room}/huge".encode(): b'{"url": "' + b"x" * LARGE + b'"}' for room in ROOMS})
    told = goods_are_there(ann)
    for words in ("tool get", "dataset get", "experiment get", "hub operators"):
        assert "huge: The value has 2,000,011 bytes, over the limit of 1,000,000." in told[words]
    for verb in (("tool", "get", "huge"), ("tool", "install", "huge"), ("dataset", "clone", "huge")):
        answer = ann.verb(*verb)
        assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
        assert len(answer.data["error"]["message"]) < 300
    assert ann.done("tool", "remove", "huge")["name"] == "huge"


def test_a_write_of_2_mb_of_one_s_own_is_refused_before_it_is_sent(cluster: Cluster, ann: Operator) -> None:
    refused = ann.verb("tool", "add", "t", "--code-repo", URL, "--unchecked", "--description", "x" * LARGE)
    assert refused.status == 2
    assert [one["name"] for one in ann.done("tool", "get")] == ["good"]


@pytest.mark.parametrize("room", ROOMS)
def test_hostile_names_reach_no_terminal_and_no_path(cluster: Cluster, ann: Operator, room: str) -> None:
    names = [name.encode("utf-8") for name in HOSTILE_NAMES] + [b"\xff\xfe", b"\xed\xa0\x80"]
    value = json.dumps({"url": URL, "code_repo": URL, "tool": "good", "rows": 1}).encode()
    plant(cluster, {f"{room}/".encode() + name: value for name in names})
    before = sorted(str(path) for path in ann.home.parent.rglob("*") if "state" not in path.parts)
    told = refusals(goods_are_there(ann), room)
    assert told is None or len(told) >= len(HOSTILE_NAMES) - 1  # one of them is another hub's
    for name in ("../../../etc/passwd", "--upload-pack=id", "\x1b[2J"):
        for verb in (["tool", "install"], ["dataset", "clone"], ["hub", "retrieve", "h", DAY]):
            answer = ann.verb(*verb, "--", name)
            assert answer.status == 2, verb
            assert not CONTROL.search(answer.err)
    assert sorted(str(path) for path in ann.home.parent.rglob("*") if "state" not in path.parts) == before


@pytest.mark.parametrize("room", ROOMS)
def test_entries_of_the_wrong_shape_are_refused_each_alone(
    cluster: Cluster, ann: Operator, room: str
) -> None:
    plant(cluster, {f"{room}/wrong{n}".encode(): value for n, value in enumerate(WRONG_SHAPES)})
    told = goods_are_there(ann)
    refused = refusals(told, room)
    assert refused is None or len([line for line in refused if "/wrong" in line]) >= len(WRONG_SHAPES) - 1


def test_days_and_hubs_that_are_none_are_left_out(cluster: Cluster, ann: Operator) -> None:
    value = json.dumps({"url": URL}).encode()
    keys = (
        b"h/2026-13-45/ben",
        b"h/yesterday/ben",
        b"\x1b[2J/2026-01-02/ben",
        b"h/0000-00-00/ben",
        b"h/2026-01-02",
    )
    plant(cluster, {b"hubs/" + key: value for key in keys})
    goods_are_there(ann)
    assert ann.done("hub", "list") == ["h"]
    assert ann.done("hub", "dates", "h") == [DAY]
