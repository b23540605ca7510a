"""Receipts: what a sync commit says of itself survives, and nothing else gets in."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.errors import BadInput
from roforlmao.git.receipt import Receipt, read_receipt, receipt

_KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)


def test_a_receipt_reads_as_subject_and_trailers() -> None:
    text = receipt("2024-5-1", {"Tool": "spike", "Exit-Code": "0", "Verdict": ""})
    assert text == "sync 2024-05-01\n\nTool: spike\nExit-Code: 0\n"
    assert receipt("2024-05-01", {}) == "sync 2024-05-01\n"


def test_git_itself_reads_the_trailers() -> None:
    text = receipt("2024-05-01", {"Tool": "spike", "Arguments": "--name 'a: b'"})
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Tool: spike\nArguments: --name 'a: b'\n"


@given(st.dictionaries(_KEYS, st.text(max_size=200)))
def test_any_values_come_back_as_one_clean_line_each(trailers: dict[str, str]) -> None:
    text = receipt("2024-05-01", trailers)
    read = read_receipt(text)
    assert read.date == "2024-05-01"
    assert list(read.trailers) == [key for key in trailers if f"\n{key}: " in text]
    assert len(text.splitlines()) == 1 + bool(read.trailers) + len(read.trailers)
    assert "\x1b" not in text


def test_a_value_cannot_forge_another_trailer() -> None:
    read = read_receipt(receipt("2024-05-01", {"Arguments": "x\nVerdict: normal\n\nsync 2020-01-01"}))
    assert read.trailers == {"Arguments": "x Verdict: normal sync 2020-01-01"}


@pytest.mark.parametrize("key", ["", "1st", "two words", "a:b", "x\ny", "k" * 51, "é"])
def test_a_key_that_is_no_trailer_is_refused(key: str) -> None:
    with pytest.raises(BadInput, match="cannot be a trailer"):
        receipt("2024-05-01", {key: "x"})


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="not a date"):
        receipt("2024-02-30", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Receipt("")),
        ("Merge branch x", Receipt("")),
        ("sync 2024-02-30", Receipt("")),
        ("sync yesterday", Receipt("")),
        ("sync 2019-3-25", Receipt("2019-03-25")),
        ("sync 2019-03-25\n\nfree words\n\nTool: x\nnot one\n", Receipt("2019-03-25", {"Tool": "x"})),
    ],
)
def test_messages_of_other_launchers_are_read_too(text: str, expected: Receipt) -> None:
    assert read_receipt(text) == expected


@given(st.text())
def test_no_message_breaks_the_reader(text: str) -> None:
    assert isinstance(read_receipt(text), Receipt)
    assert isinstance(read_receipt("sync 2024-01-01\n\n" + text), Receipt)
