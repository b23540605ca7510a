"""The parts of running a container that need no engine: frames, secrets in a stream, endings in words."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.containers.demultiplex import Demultiplexer
from roforlmao.containers.gauge import memory
from roforlmao.containers.leftovers import instant
from roforlmao.containers.marks import mark, unfinished
from roforlmao.containers.outcome import Ending, judge, never_started
from roforlmao.containers.secrets import REDACTED, Redactor, as_files, forget_files, read
from roforlmao.errors import BadInput
from roforlmao.limits import Secret
from roforlmao.paths import Places
from roforlmao.tools.container import words_of


def frame(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4) + payload


def taken_apart(received: bytes, sizes: list[int]) -> bytes:
    """Fed in pieces of these sizes, over and over."""
    streams, out, at, turn = Demultiplexer(), b"", 0, 0
    while at < len(received):
        size = sizes[turn % len(sizes)]
        out += streams.feed(received[at : at + size])
        at, turn = at + size, turn + 1
    return out + streams.rest()


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=30),
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
)
def test_nothing_is_lost_however_the_stream_is_cut(frames: list[tuple[int, bytes]], sizes: list[int]) -> None:
    out = taken_apart(b"".join(frame(*one) for one in frames), sizes)
    assert sorted(out) == sorted(b"".join(payload for _, payload in frames))
    if len({stream for stream, _ in frames}) == 1:
        assert out == b"".join(payload for _, payload in frames)


def test_a_line_of_one_stream_is_not_broken_by_the_other() -> None:
    received = frame(1, b"out ") + frame(2, b"err\n") + frame(1, b"put\n")
    assert taken_apart(received, [7]) == b"err\nout put\n"


def test_a_line_without_end_is_handed_on_and_no_character_is_cut() -> None:
    streams = Demultiplexer()
    text = ("ä€𝄞" * 20_000).encode()
    cut = 100_001  # inside a character
    first = streams.feed(frame(1, text[:cut]))
    first.decode("utf-8")
    assert len(first) > 90_000
    assert first + streams.feed(frame(1, text[cut:])) + streams.rest() == text


def test_a_frame_that_broke_off_is_kept_as_far_as_it_came() -> None:
    assert taken_apart(frame(1, b"whole\n") + frame(1, b"broken off")[:14], [100]) == b"whole\nbroken"


@given(st.binary(max_size=200), st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_a_stream_without_secrets_comes_out_as_it_is(data: bytes, sizes: list[int]) -> None:
    assert redacted(data, ["never-in-there-\u20ac"], sizes) == data


def redacted(data: bytes, values: list[str], sizes: list[int]) -> bytes:
    redactor, out, at, turn = Redactor(values), b"", 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        out += redactor.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    return out + redactor.rest()


def test_a_secret_is_replaced_wherever_the_stream_is_cut() -> None:
    data = b"a hunter2 b hunter22 c hunter" + b"hunter2"
    for size in range(1, len(data) + 1):
        out = redacted(data, ["hunter2", "unused-longer-secret"], [size])
        assert out == b"a [secret] b [secret]2 c hunter[secret]", size


def test_the_longer_of_two_secrets_wins_and_lines_of_a_key_count() -> None:
    key = "-----BEGIN KEY-----\nabcdefghij\nxy\n-----END KEY-----"
    assert redacted(b"tokentoken", ["token", "tokentoken"], [100]) == REDACTED
    assert redacted(b"line abcdefghij here, xy not", [key], [3]) == b"line [secret] here, xy not"


def test_holding_back_costs_little() -> None:
    noise = random.Random(1).randbytes(2_000_000)
    assert redacted(noise, ["s" * 4000], [256 * 1024]) == noise


def test_secrets_are_read_where_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    sources = {"A": Secret(env="MY_A"), "B": Secret(file=tmp_path / "key")}
    assert read(sources, {"MY_A": "from the environment"}) == {
        "A": "from the environment",
        "B": "from a file",
    }


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"x" * 70_000, b"a\0b"])
def test_a_secret_that_cannot_be_used_is_named_but_not_shown(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(BadInput, match="The secret KEY") as caught:
        read({"KEY": Secret(file=tmp_path / "key")}, {})
    assert "xxx" not in caught.value.message + caught.value.hint


def test_files_of_secrets_are_gone_afterwards_also_those_of_a_killed_launcher() -> None:
    with as_files({"KEY": "value"}, "run-1") as files:
        assert files["KEY"].read_text() == "value"
        assert files["KEY"].stat().st_mode & 0o777 == 0o400
        kept = files["KEY"].parent
    assert not kept.exists()
    left = as_files({"KEY": "value"}, "run-2")
    directory = left.__enter__()["KEY"].parent
    forget_files("run-2")
    assert not directory.exists()


EXITED = {"ExitCode": 0, "OOMKilled": False}


@pytest.mark.parametrize(
    ("state", "ending", "expected"),
    [
        ({}, Ending(), ("succeeded", 0, "")),
        ({"ExitCode": 2}, Ending(), ("failed", 2, "It ended with exit code 2.")),
        ({"ExitCode": 200}, Ending(), ("failed", 200, "It was killed by signal 72 (exit code 200)")),
        (
            {"ExitCode": 127},
            Ending(tail="sh: foo: not found\n"),
            ("failed", 127, "It ended with exit code 127."),
        ),
        (
            {"ExitCode": 127},
            Ending(tail="[FATAL tini (7)] exec \x1b[2Jfoo failed: No such file or directory\n"),
            (
                "failed",
                127,
                "It never started: 'foo' cannot be run in the image (No such file or directory).",
            ),
        ),
        (
            {"OOMKilled": True},
            Ending(memory=1 << 30),
            ("failed", 0, "One of its processes ran out of memory"),
        ),
        ({"OOMKilled": True, "ExitCode": 137}, Ending(), ("failed", 137, "It ran out of memory: its limit")),
        ({"ExitCode": 0}, Ending(lost_engine=True), ("failed", 0, "The engine was stopped or restarted")),
        ({"ExitCode": 137}, Ending("cancelled"), ("cancelled", 137, "It was stopped by the operator.")),
        (
            {"ExitCode": 0},
            Ending("timed-out", 90.0),
            ("timed-out", 0, "It was stopped after its timeout of 90 s"),
        ),
        ({"ExitCode": 137}, Ending("its log failed"), ("failed", 137, "its log failed")),
    ],
)
def test_endings_are_told_apart(
    state: dict[str, object], ending: Ending, expected: tuple[str, int, str]
) -> None:
    found, code, reason = judge({**EXITED, **state}, ending)
    assert (found, code) == expected[:2]
    assert reason == expected[2] if not expected[2] else reason.startswith(expected[2])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('exec: "x": executable file not found in $PATH: unknown', 127),
        ("exec /x: permission denied", 126),
        ("network elsewhere not found", 125),
    ],
)
def test_what_never_started_has_the_exit_code_of_docker_run(said: str, code: int) -> None:
    assert never_started(said) == ("failed", code, f"It never started: {said}")


@pytest.mark.parametrize(
    ("command", "args", "words"),
    [
        (None, (), ()),
        ("run", (), ()),
        ("run", ("a", "b"), ("a", "b")),
        ("sh", ("-c", "x"), ("sh", "-c", "x")),
    ],
)
def test_words_reach_the_image_but_for_the_default_command(
    command: str | None, args: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert words_of(command, args) == words


def test_marks_lie_there_from_before_the_container_to_after_it(tmp_path: Path) -> None:
    places = Places(tmp_path / "state", tmp_path / "imports", tmp_path / "work")
    assert unfinished(places) == []
    one = mark("20261122-080000-0001", "spike", places)
    one.put()
    assert [(m.run_id, m.tool) for m in unfinished(places)] == [("20261122-080000-0001", "spike")]
    one.remove()
    one.remove()
    assert unfinished(places) == []


@pytest.mark.parametrize(
    ("read", "used"),
    [
        ({"usage": 100, "limit": 500, "stats": {"total_inactive_file": 30, "inactive_file": 1}}, (70, 500)),
        ({"usage": 100, "limit": 500, "stats": {"inactive_file": 30}}, (70, 500)),
        ({"usage": 10, "limit": 500, "stats": {"inactive_file": 30}}, (0, 500)),
        ({"usage": 100, "limit": 500}, (100, 500)),
        ({}, (0, 0)),
    ],
)
def test_memory_is_what_is_in_use_without_files_kept_at_hand(
    read: dict[str, object], used: tuple[int, int]
) -> None:
    assert memory(read) == used


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:02.745297806Z", 2.745297),
        ("1970-01-01T01:00:02.7452978+01:00", 2.745297),
        ("1970-01-01T00:00:02Z", 2.0),
    ],
)
def test_an_engines_times_are_read_to_the_microsecond_in_any_zone(text: str, seconds: float) -> None:
    assert instant(text).timestamp() == pytest.approx(seconds)
