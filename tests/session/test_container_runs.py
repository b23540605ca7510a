"""A container tool from its run to the announcement, by the verbs, on a real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.engines import Daemon
from tests.session.world import Operator, World

COLLECT = """set -eu
cd /usr/src/app/data
day=${1:-2026-11-01}
printf 'id,stars\\na,1\\nb,2\\n' > "autocontents-$day.csv"
echo 2 > "control-$day.csv"
echo "collected $day"
"""
REPORT = """Report:
Tool image: spike:1
Data directory: {data}
Message to scheduler: {{"container": "spike:1", "tool": "spike", "dataset": "{data}", "cron": false}}
Scheduler output:
Tool image: spike:1
Name of tool: spike
Data directory: {data}
Spike detector output:
Data directory: {data}
Number of data snapshots: 3
Current rolling average of control metric: 2.0
Value of control metric in current snapshot: 2
Difference:0.0
Gain:0.0%
No data anomalies detected"""


@pytest.fixture
def alice(world: World, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator who has installed the container tool ``spike``."""
    monkeypatch.setenv("DOCKER_HOST", daemon.host)
    daemon.import_image("spike:1", COLLECT)
    operator = world.operator("alice")
    with (operator.home / "config.yaml").open("a") as config:
        config.write("containers: {network: none, memory: 64m}\n")
    words = ["spike", "me", "spike:1", world.bare("data"), "", "stars"]
    operator.done("--yes", "tool", "add", *words)
    operator.done("tool", "install", "spike", "--trust")
    return operator


def test_a_run_is_reported_judged_published_and_announced(alice: Operator, world: World) -> None:
    alice.done("tool", "run", "spike", "--no-sync")
    alice.done("tool", "run", "spike", "2026-11-02", "--no-sync")
    run = alice.done("tool", "run", "spike", "run", "2026-11-03", "--hub", "dockerhub", "--sync")
    assert (run["kind"], run["image"], run["state"]) == ("container", "spike:1", "succeeded")
    assert run["digest"].startswith("sha256:")
    assert run["report"].splitlines()[:7] == REPORT.format(data=run["data_path"]).splitlines()[:7]
    assert run["sync"]["state"] == "pushed"
    receipt = world.git(Path(run["data_path"]), "log", "-1", "--format=%B")
    assert receipt.startswith("sync ")
    assert f"Image-digest: {run['digest']}" in receipt
    assert "Exit-code: 0" in receipt
    assert alice.done("run", "show", run["id"]) == run
    assert alice.done("run", "log", run["id"])["text"] == "collected 2026-11-03\n"
    listed = alice.done("run", "list")
    asked = {(item["command"], *item["args"]) for item in listed}
    assert asked == {("run", "2026-11-03"), ("2026-11-02",), ("run",)}


def test_the_report_has_the_old_lines_to_the_letter(alice: Operator) -> None:
    with (alice.home / "config.yaml").open("a") as config:
        config.write("spike: {method: classic}\n")
    for day in (1, 2):
        alice.done("tool", "run", "spike", f"2026-11-0{day}", "--no-sync")
    run = alice.done("tool", "run", "spike", "2026-11-03", "--no-sync")
    assert run["report"] == REPORT.format(data=run["data_path"])


@pytest.mark.parametrize(
    ("words", "state", "told"),
    [
        (["sh-is-not-asked", "; exit 9"], "succeeded", ""),
        (["a/b"], "failed", "exit code"),
    ],
)
def test_words_are_the_images_to_understand(alice: Operator, words: list[str], state: str, told: str) -> None:
    answer = alice.verb("tool", "run", "spike", *words, "--no-sync")
    run = json.loads(answer.out)
    assert run["state"] == state
    assert answer.status == (0 if state == "succeeded" else 3)
    assert told in run["sync"]["reason"]


def test_a_failed_run_is_not_published_without_being_asked(alice: Operator) -> None:
    answer = alice.verb("tool", "run", "spike", "a/b", "--hub", "dockerhub", "--sync")
    run = json.loads(answer.out)
    assert (answer.status, run["state"], run["sync"]["state"]) == (3, "failed", "skipped")
    refused = alice.verb("run", "sync", run["id"], "--hub", "dockerhub")
    assert refused.status == 5
    assert "may be partial" in refused.data["error"]["message"]


def test_what_a_failed_run_left_is_in_no_later_sync_until_it_is_written_anew(
    alice: Operator, daemon: Daemon, world: World
) -> None:
    script = 'cd /usr/src/app/data; echo "$1" > a.csv; echo "$1" > "day-$1.csv"; exit "$2"'
    daemon.import_image("flaky:1", script)
    alice.done("--yes", "tool", "add", "flaky", "me", "flaky:1", world.bare("flaky"), "", "")
    alice.done("tool", "install", "flaky", "--trust")
    publishing = ("--hub", "dockerhub", "--sync")
    good = alice.done("tool", "run", "flaky", "run", "1", "0", "--no-sync")
    assert alice.verb("tool", "run", "flaky", "run", "2", "1", *publishing).data["state"] == "failed"
    run = alice.done("run", "sync", good["id"], "--hub", "dockerhub")
    remote = world.root / "remotes" / "flaky.git"
    assert world.git(remote, "ls-tree", "--name-only", "main").splitlines() == ["day-1.csv"]
    assert run["sync"]["reason"] == "left out: a.csv, day-2.csv"
    alice.done("tool", "run", "flaky", "run", "2", "0", *publishing)
    assert world.git(remote, "ls-tree", "--name-only", "main").splitlines() == [
        "a.csv",
        "day-1.csv",
        "day-2.csv",
    ]


def test_a_zero_byte_snapshot_stops_the_sync(alice: Operator, daemon: Daemon) -> None:
    run = alice.done("tool", "run", "spike", "2026-11-01", "--no-sync")
    (Path(run["data_path"]) / "autocontents-2026-11-02.csv").write_text("")
    refused = alice.verb("run", "sync", run["id"], "--hub", "dockerhub")
    assert refused.status == 5
    assert "zero bytes" in refused.data["error"]["message"]


def test_an_input_dataset_is_asked_for_by_name_or_path(alice: Operator, tmp_path: Path) -> None:
    refused = alice.verb("tool", "run", "spike", "--no-sync", "--input", "nowhere")
    assert refused.status == 2
    assert "no dataset or directory 'nowhere'" in refused.data["error"]["message"]
    (tmp_path / "given").mkdir()
    assert (
        alice.done("tool", "run", "spike", "--no-sync", "--input", tmp_path / "given")["state"] == "succeeded"
    )


def test_no_engine_is_an_error_in_words_and_in_the_history(
    alice: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    answer = alice.verb("tool", "run", "spike", "--no-sync")
    assert (answer.status, answer.data["error"]["code"]) == (3, "engine-absent")
    run = alice.done("run", "list")[0]
    assert run["state"] == "failed"
    assert "does not run" in run["sync"]["reason"]


def test_a_secret_is_in_no_record(alice: Operator, monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setenv("MY_TOKEN", "s3cr3t-token")
    config = alice.home / "config.yaml"
    exception = "tools: {spike: {secrets: {TOKEN: {env: MY_TOKEN}}}}"
    config.write_text(config.read_text().replace("memory: 64m}", f"memory: 64m, {exception}}}"))
    run = alice.done("tool", "run", "spike", "--hub", "dockerhub", "--sync")
    assert "s3cr3t" not in json.dumps(run)
    found = [p for p in world.root.rglob("*") if p.is_file() and b"s3cr3t-token" in p.read_bytes()]
    assert found == []
    monkeypatch.delenv("MY_TOKEN")
    answer = alice.verb("tool", "run", "spike", "--no-sync")
    assert (answer.status, answer.data["error"]["code"]) == (2, "bad-input")
    assert "The secret TOKEN is empty" in answer.data["error"]["message"]


def test_a_variable_without_a_name_is_refused(alice: Operator) -> None:
    assert alice.verb("tool", "run", "spike", "--no-sync", "--env", "=x").status == 2


def test_it_is_scheduled_like_any_tool_with_its_own_time_limit(alice: Operator) -> None:
    config = alice.home / "config.yaml"
    config.write_text(
        config.read_text().replace("memory: 64m}", "memory: 64m, tools: {spike: {timeout: 1}}}")
    )
    words = ["daily", "--at", "03:00", "--timezone", "UTC", "--command", "run", "--arg", "2026-11-05"]
    job = alice.done("tool", "schedule", "spike", *words)
    assert (job["command"], job["args"]) == ("run", ["2026-11-05"])
    assert alice.done("tool", "run", "spike", "--no-sync", "--timeout", "60")["state"] == "succeeded"
