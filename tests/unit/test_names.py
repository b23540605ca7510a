"""Names, dates and URLs: the rules of the formats, and what hypothesis finds against them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.errors import BadInput
from roforlmao.names import check_date, check_name, check_url, is_local_url


@pytest.mark.parametrize("name", ["a", "dockerhub", "aws-sar", "A.b_c-9", "x" * 100, "0"])
def test_a_good_name_is_returned(name: str) -> None:
    assert check_name(name) == name


BAD_NAMES = [
    "",
    "a/b",
    "../x",
    ".",
    "..",
    "-x",
    "_x",
    "a..b",
    "a.",
    "a.git",
    "a.lock",
    "a b",
    "a\nb",
    "a\x1b[31m",
]


@pytest.mark.parametrize("name", [*BAD_NAMES, "x" * 101, "x" * 300, "é", "a\x00", "a\n", "\u202eabc"])
def test_a_bad_name_is_refused_in_a_sentence_without_control_codes(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_name(name, "tool name")
    assert "tool name" in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


@given(st.text(max_size=120))
def test_a_name_that_passes_is_a_safe_file_name(text: str) -> None:
    try:
        name = check_name(text)
    except BadInput:
        return
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name)
    assert "/" not in name
    assert ".." not in name


@pytest.mark.parametrize(("text", "date"), [("2019-3-5", "2019-03-05"), ("2024-02-29", "2024-02-29")])
def test_dates_are_read_with_and_without_padding(text: str, date: str) -> None:
    assert check_date(text) == date


@pytest.mark.parametrize(
    "text", ["", "2019-02-30", "2019-13-01", "19-1-1", "2019/03/05", "today", "2019-03-05x"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a date"):
        check_date(text)


GOOD_URLS = [
    "https://github.com/o/r",
    "https://example.org:8443/o/r.git",
    "http://127.0.0.1:3000/r",
    "ssh://git@example.org:2222/srv/r.git",
    "git://example.org/r",
    "git@github.com:o/r.git",
    "user@host:path",
    "https://[::1]:8080/r",
]


@pytest.mark.parametrize("url", GOOD_URLS)
def test_remote_urls_are_taken_from_anybody(url: str) -> None:
    assert check_url(url, local=False) == url
    assert not is_local_url(url)


BAD_URLS = [
    "",
    "-oProxyCommand=x",
    "--upload-pack=x",
    "ext::sh -c id",
    "ext::id",
    "fd::3",
    "https://u:p@example.org/r",
    "https://u@example.org/r",
    "https://example.org/r\nHost: x",
    "https://example.org/a b",
    "https:///r",
    "https://-x/r",
    "ftp://example.org/r",
    "javascript://x",
    "relative/path",
    "git@-oProxy:path",
    "host:-x",
    "user@host:-x",
    "https://example.org/\x1b[31m",
    "https://example.org/" + "x" * 3000,
    "https://example.org:99999/r",
    "file://relative",
    "file:///a/../b",
    "\u202ehttps://example.org/r",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_bad_url_is_refused_even_as_ones_own(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_url(url, local=True)
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("url", ["file:///srv/r.git", "/srv/r.git"])
def test_paths_are_only_for_ones_own_entries(url: str) -> None:
    assert check_url(url, local=True) == url
    assert is_local_url(url)
    with pytest.raises(BadInput, match="path on this machine"):
        check_url(url, local=False)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "ssh://", "file://", "git@", "ext::", "-"]))
def test_what_passes_could_never_be_an_option_or_another_helper(tail: str, head: str) -> None:
    try:
        url = check_url(head + tail, local=False)
    except BadInput:
        return
    assert not url.startswith("-")
    # git takes what stands before '::' for the name of a program (gitremote-helpers)
    assert not re.match(r"[A-Za-z0-9+.-]*::", url)
    assert url.isprintable()
    assert " " not in url
