"""Whole sessions through verbs: a real collector, its data published, and a peer who retrieves it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.session.world import DATA, Operator, World, days

ABSENT = pytest.mark.skipif(not days(), reason=f"the recorded days are not at {DATA}")
BAD_DAY = "2019-07-24"


def install(world: World, operator: Operator) -> str:
    """Registers and installs the releaser; returns the URL of its data repository."""
    data = world.bare("data")
    operator.done("tool", "add", "releaser", "--code-repo", world.releaser(), "--data-repo", data)
    operator.done("tool", "install", "releaser", "--trust")
    return data


def release(operator: Operator, day: str, *options: str) -> list[object]:
    return [
        "tool",
        "run",
        "releaser",
        "release",
        DATA,
        day,
        "--hub",
        "aws-sar",
        "--date",
        day,
        "--sync",
        *options,
    ]


@ABSENT
def test_forty_real_days_through_run_sync_announce_and_a_peer_retrieves_any(world: World) -> None:
    alice, bob = world.operator("alice"), world.operator("bob")
    install(world, alice)
    recorded = days()
    end = recorded.index(BAD_DAY) + 4
    chosen = recorded[end - 40 : end]
    for day in chosen:
        answer = alice.verb(*release(alice, day))
        if day == BAD_DAY:
            assert answer.status == 5, answer.out
            assert answer.data["sync"]["state"] == "refused"
            assert "zero bytes" in answer.data["sync"]["reason"]
            left = alice.done(
                "run", "sync", answer.data["id"], "--hub", "aws-sar", "--date", day, "--leave-out"
            )
            assert (left["sync"]["state"], left["sync"]["key"], left["rows"]) == ("pushed", "", 0)
        else:
            assert answer.status == 0, answer.out + answer.err
            assert answer.data["sync"]["state"] == "pushed"
            assert answer.data["rows"] == (DATA / f"autocontents-{day}.csv").read_bytes().count(b"\n")
    good = [day for day in chosen if day != BAD_DAY]
    assert len(good) == 39
    assert bob.done("hub", "dates", "aws-sar") == good[::-1]
    for day in (good[0], good[20], good[-1]):
        clone = bob.done("hub", "retrieve", "aws-sar", day, "alice")
        name = f"autocontents-{day}.csv"
        assert (Path(clone["path"]) / name).read_bytes() == (DATA / name).read_bytes()
        present = sorted(p.name for p in Path(clone["path"]).glob("autocontents-*.csv"))
        assert present == [f"autocontents-{d}.csv" for d in good if d <= day]


@ABSENT
def test_the_commit_is_a_receipt_of_the_run(world: World) -> None:
    alice = world.operator("alice")
    data = install(world, alice)
    run = alice.done(*release(alice, "2019-07-23"))
    remote = Path(data.removeprefix("file://"))
    message = world.git(remote, "log", "-1", "--format=%B", "main")
    assert message.splitlines()[0] == "sync 2019-07-23"
    trailers = dict(line.split(": ", 1) for line in message.splitlines()[2:])
    assert trailers["Tool"] == "releaser"
    assert trailers["Run-id"] == run["id"]
    assert trailers["Operator"] == "alice"
    assert trailers["Exit-code"] == "0"
    assert trailers["Code-commit"] == run["commit"]
    assert int(trailers["Rows"]) == run["rows"]
    assert world.git(remote, "rev-parse", "main") == run["sync"]["commit"]
    [announced] = alice.done("hub", "operators", "aws-sar", "2019-07-23")
    assert (announced["commit"], announced["rows"], announced["url"]) == (
        run["sync"]["commit"],
        run["rows"],
        data,
    )
    assert run["sync"]["key"] == "/mao/hubs/aws-sar/2019-07-23/alice"


@ABSENT
def test_a_refused_run_can_be_published_all_the_same(world: World) -> None:
    alice = world.operator("alice")
    install(world, alice)
    refused = alice.verb(*release(alice, BAD_DAY))
    assert refused.status == 5
    run_id = refused.data["id"]
    assert alice.verb("run", "sync", run_id, "--hub", "aws-sar").status == 5
    published = alice.done("run", "sync", run_id, "--hub", "aws-sar", "--date", BAD_DAY, "--allow-loss")
    assert published["sync"]["state"] == "pushed"
    assert alice.done("run", "show", run_id)["sync"]["state"] == "pushed"


@ABSENT
def test_two_operators_publish_into_one_repository_and_both_are_kept(world: World) -> None:
    alice, bob = world.operator("alice"), world.operator("bob")
    data = install(world, alice)
    bob.done("tool", "install", "releaser", "--trust")
    alice.done(*release(alice, "2019-07-21"))
    bob.done(*release(bob, "2019-07-22"))
    alice.done(*release(alice, "2019-07-23"))
    listed = world.git(Path(data.removeprefix("file://")), "ls-tree", "--name-only", "main").splitlines()
    assert [name for name in listed if name.startswith("auto")] == [
        f"autocontents-2019-07-{day}.csv" for day in (21, 22, 23)
    ]
    assert bob.done("hub", "operators", "aws-sar", "2019-07-22")[0]["operator"] == "bob"


FAILING = "echo partial > data/part.csv; echo broken; exit 3"
SLEEPING = "sleep 600"


def tool_with(world: World, operator: Operator, script: str, *, data: bool = True) -> None:
    definition = (
        "Name: t\nData: {Local: data, Repo: {Name: d, Remote: ''}}\n"
        "Commands: [{Name: go, Description: Does it, Command: sh, Script: go.sh}]\n"
    )
    url = world.tool("t", {"mao.yml": definition, "go.sh": f"mkdir -p data\n{script}\n"})
    options = ["--data-repo", world.bare("t-data")] if data else []
    operator.done("tool", "add", "t", "--code-repo", url, *options)
    operator.done("tool", "install", "t", "--trust")


def test_a_failed_run_is_exit_3_and_publishes_nothing(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, FAILING)
    answer = alice.verb("tool", "run", "t", "--hub", "h", "--sync")
    assert answer.status == 3
    assert (answer.data["state"], answer.data["exit_code"]) == ("failed", 3)
    assert answer.data["sync"]["state"] == "skipped"
    assert alice.done("hub", "list") == []
    assert "broken" in alice.done("run", "log", answer.data["id"])["text"]
    assert list((alice.home / "imports" / "data" / "t").glob("*.csv")) == []


def test_a_run_over_its_time_is_ended(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, SLEEPING)
    answer = alice.verb("tool", "run", "t", "--no-sync", "--timeout", "1s")
    assert (answer.status, answer.data["state"]) == (3, "timed-out")
    assert answer.data["duration_s"] < 10


def test_a_tool_without_data_repository_runs_and_says_that_nothing_is_published(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, "echo 1 > data/x.csv", data=False)
    answer = alice.done("tool", "run", "t", "--hub", "h", "--sync")
    assert answer["state"] == "succeeded"
    assert answer["sync"]["state"] == "skipped"
    assert "no data repository" in answer["sync"]["reason"]


def test_environment_and_arguments_reach_the_tool_as_they_are(world: World) -> None:
    alice = world.operator("alice")
    definition = "Name: t\nCommands: [{Name: go, Command: sh, Script: go.sh}]\nData: {Local: data}\n"
    url = world.tool("t", {"mao.yml": definition, "go.sh": 'printf "%s|" "$@" "$TOKEN"\n'})
    alice.done("tool", "add", "t", "--code-repo", url)
    alice.done("tool", "install", "t", "--trust")
    words = ["a b", "$(id)", "; ls", "-x", "*"]
    run = alice.done("tool", "run", "--env", "TOKEN=s e c", "--no-sync", "t", "go", "--", *words)
    assert alice.done("run", "log", run["id"])["text"] == "|".join([*words, "s e c", ""])


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["tool", "get", "nosuch"], 2, "not-found"),
        (["tool", "get", "a/b"], 2, "bad-input"),
        (["tool", "install", "nosuch"], 2, "not-found"),
        (["tool", "run", "nosuch", "--no-sync"], 2, "not-found"),
        (["tool", "run", "nosuch"], 2, "bad-input"),
        (["tool", "remove", "nosuch"], 2, "not-found"),
        (["tool", "uninstall", "nosuch"], 2, "not-found"),
        (["tool", "help", "nosuch"], 2, "not-found"),
        (["tool", "add", "t", "--code-repo", "ext::sh -c id"], 2, "bad-input"),
        (["tool", "add", "t"], 2, "bad-input"),
        (["dataset", "add", "d", "-x"], 2, "bad-input"),
        (["dataset", "clone", "nosuch"], 2, "not-found"),
        (["dataset", "remove-local", "nosuch"], 2, "not-found"),
        (["dataset", "sync", "/nowhere/at/all", "--hub", "h"], 3, "git-failed"),
        (["hub", "dates", "../x"], 2, "bad-input"),
        (["hub", "retrieve", "h", "2026-01-01", "bob"], 2, "not-found"),
        (["run", "show", "nosuch"], 2, "not-found"),
        (["notification", "ack"], 2, "bad-input"),
        (["fly"], 2, "bad-input"),
    ],
)
def test_bad_input_is_one_sentence_with_its_exit_status(
    world: World, words: list[str], status: int, code: str
) -> None:
    answer = world.operator("alice").verb(*words)
    assert (answer.status, answer.data["error"]["code"]) == (status, code)
    assert answer.data["error"]["message"].isprintable()
    assert "Traceback" not in answer.err


def test_registering_what_does_not_answer_wants_a_yes(world: World) -> None:
    alice = world.operator("alice")
    missing = f"file://{world.root}/nowhere.git"
    refused = alice.verb("tool", "add", "t", "--code-repo", missing)
    assert (refused.status, refused.data["error"]["code"]) == (3, "unreachable")
    assert "--unchecked" in refused.data["error"]["hint"]
    assert alice.done("tool", "get") == []
    assert alice.done("--yes", "tool", "add", "t", "--code-repo", missing)["code_repo"] == missing
    again = alice.verb("tool", "add", "t", "--code-repo", missing)
    assert (again.status, again.data["error"]["code"]) == (2, "already-exists")
    assert alice.done("tool", "remove", "t")["name"] == "t"


def test_a_run_that_cannot_be_asked_about_its_sync_does_not_start(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, "echo 1 > data/x.csv")
    answer = alice.verb("tool", "run", "t")
    assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
    assert "--sync" in answer.data["error"]["hint"]
    assert alice.done("run", "list") == []
    assert alice.done("tool", "run", "t", "--no-sync")["sync"]["state"] == "skipped"
    assert alice.verb("--yes", "tool", "run", "t").status == 2  # a hub was never named
    assert alice.done("tool", "run", "t", "--hub", "h")["sync"]["state"] == "pushed"
    assert alice.done("--yes", "tool", "run", "t")["sync"]["state"] == "pushed"  # the last hub holds


def test_datasets_are_registered_cloned_synced_listed_and_removed(world: World) -> None:
    alice, bob = world.operator("alice"), world.operator("bob")
    url = world.bare("own")
    own = alice.home / "work" / "own"
    own.parent.mkdir(parents=True, exist_ok=True)
    world.git(alice.home, "clone", "--quiet", url.removeprefix("file://"), str(own))
    world.write(own, {"snap-2026-01-01.csv": "a,b\n1,2\n", "deep/er.csv": "x\n"})
    shared = alice.done("dataset", "sync", own, "--hub", "h", "--date", "2026-1-1")
    assert (shared["pushed"], shared["key"], shared["files"]) == (True, "/mao/hubs/h/2026-01-01/alice", 2)
    assert alice.done("dataset", "sync", own, "--hub", "h", "--date", "2026-1-1")["pushed"] is False
    alice.done("dataset", "add", "own", url, "--description", "mine")
    assert bob.done("dataset", "get", "own")["registered_by"] == "alice"
    clone = bob.done("dataset", "clone", "own")
    assert (clone["action"], clone["commit"]) == ("cloned", shared["commit"])
    assert bob.done("dataset", "clone", "own")["action"] == "pulled"
    assert [c["name"] for c in bob.done("dataset", "list-local")] == ["own"]
    (Path(clone["path"]) / "note.txt").write_text("mine")
    kept = bob.verb("dataset", "remove-local", "own")
    assert (kept.status, "note.txt" in kept.data["error"]["message"]) == (5, True)
    (Path(clone["path"]) / "note.txt").unlink()
    assert bob.done("dataset", "remove-local", "own") == clone["path"]
    assert bob.done("dataset", "list-local") == []
    assert alice.done("dataset", "remove", "own")["url"] == url


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda p: (p / "a.csv").unlink(), "deleted"),
        (lambda p: (p / "a.csv").write_text("1\n"), "shrink"),
        (lambda p: (p / "a.csv").write_text("9\n8\n7\n"), "overwritten"),
        (lambda p: (p / "b.csv").write_text(""), "zero bytes"),
    ],
    ids=["deleted", "shrunk", "overwritten", "empty"],
)
def test_the_loss_guard_names_the_loss_and_changes_nothing(world: World, change: object, kind: str) -> None:
    alice = world.operator("alice")
    own = world.root / "own"
    url = world.bare("own")
    world.git(world.root, "clone", "--quiet", url.removeprefix("file://"), str(own))
    world.write(own, {"a.csv": "1\n2\n3\n"})
    before = alice.done("dataset", "sync", own, "--hub", "h")["commit"]
    change(own)  # type: ignore[operator]
    refused = alice.verb("dataset", "sync", own, "--hub", "h")
    assert (refused.status, refused.data["error"]["code"]) == (5, "loss-refused")
    assert kind in refused.data["error"]["message"]
    assert world.git(Path(url.removeprefix("file://")), "rev-parse", "main") == before
    assert alice.done("dataset", "sync", own, "--hub", "h", "--allow-loss")["commit"] != before


def test_doctor_init_and_config_say_where_everything_is(world: World) -> None:
    alice = world.operator("alice")
    assert all(check["ok"] for check in alice.done("doctor"))
    assert alice.done("init", "--operator", "carol")["operator"] == "carol"
    assert alice.done("config")["operator"] == "carol"
    (alice.home / "config.yaml").write_text("operator: [1\n")
    broken = alice.verb("config")
    assert (broken.status, broken.data["error"]["code"]) == (2, "bad-configuration")
    assert "config.yaml, line" in broken.data["error"]["message"]


COUNTING = 'echo "$1" > "data/control-$(ls data | wc -l).csv"; echo row > "data/s$(ls data | wc -l).csv"'


def test_an_anomaly_is_exit_1_where_that_is_asked_and_stands_in_the_report(world: World) -> None:
    alice = world.operator("alice")
    command = "{Name: go, Command: sh, Script: go.sh, Arguments: [{Name: n}]}"
    definition = f"Name: t\nData: {{Local: data}}\nCommands: [{command}]\n"
    url = world.tool("t", {"mao.yml": definition, "go.sh": f"mkdir -p data; {COUNTING}\n"})
    alice.done("tool", "add", "t", "--code-repo", url, "--data-repo", world.bare("t-data"))
    alice.done("tool", "install", "t", "--trust")
    for value in (630, 600):
        run = alice.done("tool", "run", "t", "go", value, "--no-sync", "--fail-on-anomaly")
        assert run["verdict"]["state"] == "insufficient-data"
    spike = alice.verb("tool", "run", "t", "go", 900, "--no-sync", "--fail-on-anomaly")
    assert spike.status == 1
    assert spike.data["verdict"]["gain_percent"] == pytest.approx(46.34, abs=0.005)
    assert "Data anomaly detected" in spike.data["report"]
    again = alice.done("tool", "run", "t", "go", 900, "--no-sync", "--fail-on-anomaly")["verdict"]
    assert again["state"] == "normal"
    assert "accepted as the new level" in again["reason"]


RUN_KEYS = """id tool kind command args started finished duration_s exit_code state image digest
commit data_path log verdict sync report"""
VERDICT_KEYS = """state method value expected low high difference gain_percent snapshots reason"""


def test_documents_have_the_shapes_of_the_interface(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, "echo 1 > data/x.csv")
    assert set(alice.done("tool", "update", "t")) == {"name", "path", "data_path", "commit", "digest"}
    run = alice.done("tool", "run", "t", "--hub", "h", "--sync")
    assert set(RUN_KEYS.split()) <= set(run)
    assert set(run["verdict"]) == set(VERDICT_KEYS.split())
    assert set(run["sync"]) == {"state", "commit", "key", "reason", "waits"}
    assert alice.done("run", "show", run["id"]) == run
    assert alice.done("tool", "help", "t")["commands"][0]["name"] == "go"
    assert set(alice.done("hub", "retrieve", "h", run["started"][:10], "alice")) == {
        "name", "path", "commit", "action",
    }  # fmt: skip
    assert alice.done("config")["registry"]["backend"] == "sqlite"
    refused = alice.verb("tool", "get", "nosuch")
    assert set(refused.data["error"]) == {"code", "message", "hint"}
    assert alice.done("tool", "uninstall", "t")["name"] == "t"
    assert alice.done("tool", "installed") == []


def test_a_refused_sync_is_a_notification_until_it_is_acknowledged(world: World) -> None:
    alice = world.operator("alice")
    tool_with(world, alice, ": > data/empty.csv")
    assert alice.verb("tool", "run", "t", "--hub", "h", "--sync").status == 5
    [notice] = alice.done("notification", "list")
    assert "empty.csv" in notice["text"]
    assert [n["id"] for n in alice.done("notification", "ack", notice["id"])] == [notice["id"]]
    assert alice.done("notification", "list") == []
    assert len(alice.done("notification", "list", "--all")) == 1


def test_a_run_goes_on_without_the_registry_and_is_announced_once_it_is_back(world: World) -> None:
    alice, bob = world.operator("alice"), world.operator("bob")
    tool_with(world, alice, "echo 1 > data/x.csv")
    aside = world.root / "aside"
    shutil.copytree(world.root, aside, ignore=shutil.ignore_patterns("alice", "bob", "remotes", "aside"))
    world.registry.write_bytes(b"this was a registry once" * 100)
    answer = alice.verb("tool", "run", "t", "--hub", "h", "--sync")
    assert answer.status == 0, answer.out
    assert answer.data["state"] == "succeeded"
    sync = answer.data["sync"]
    assert (sync["state"], sync["key"], sync["waits"]) == ("pushed", "", True)
    assert "announced when it does" in answer.err
    for file in world.root.glob("registry.sqlite*"):
        file.unlink()
    shutil.copytree(aside, world.root, dirs_exist_ok=True)
    assert bob.done("hub", "list") == []
    again = alice.done("run", "sync", answer.data["id"], "--hub", "h")
    assert (again["sync"]["state"], again["sync"]["waits"]) == ("pushed", False)
    [announced] = bob.done("hub", "operators", "h", answer.data["started"][:10])
    assert (announced["operator"], announced["rows"]) == ("alice", 1)
