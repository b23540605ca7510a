"""Image names: what engines understand is taken, all else is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roforlmao.actions.parse import image_name
from roforlmao.errors import BadInput
from roforlmao.imagename import check_image, parse_reference
from roforlmao.registry.entries import Rules, tool_of

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("busybox", ("registry-1.docker.io", "library/busybox", "latest", "busybox")),
        ("panosece/spike:1.2", ("registry-1.docker.io", "panosece/spike", "1.2", "panosece/spike")),
        ("ghcr.io/o/r", ("ghcr.io", "o/r", "latest", "ghcr.io/o/r")),
        ("localhost/a:B_c.d-", ("localhost", "a", "B_c.d-", "localhost/a")),
        ("Host:5000/a/b__c-d.e:1", ("Host:5000", "a/b__c-d.e", "1", "Host:5000/a/b__c-d.e")),
        ("[::1]:5000/a", ("[::1]:5000", "a", "latest", "[::1]:5000/a")),
        (f"h:5/x:old@{DIGEST}", ("h:5", "x", DIGEST, "h:5/x")),
    ],
)
def test_an_image_name_is_taken_apart(image: str, parts: tuple[str, ...]) -> None:
    found = parse_reference(image)
    assert (found.host, found.path, found.version, found.repository) == parts


BAD = [
    ("a b", "spaces"),
    ("a\u00a0b", "control|spaces|only"),
    ("a\nb", "control characters"),
    ("a\x00", "control characters"),
    ("\x1b[31mred", "control characters"),
    ("a\u202eb", "control characters"),
    ("-a", "begins with '-'"),
    ("--privileged", "begins with '-'"),
    ("a" * 5000, "5,000 characters"),
    ("a" * 256, "256 characters"),
    ("https://h/a", "scheme"),
    ("group/Tool", "capital letters"),
    ("a:", "only small letters"),
    ("a:b:c", "only small letters"),
    ("a:" + "t" * 129, "only small letters"),
    ("a@sha256:00", "only small letters"),
    ("a//b", "only small letters"),
    ("/a", "only small letters"),
    ("a/", "only small letters"),
    ("a..b", "only small letters"),
    ("../a", "only small letters"),
    ("a\u0435", "only small letters"),  # a Cyrillic letter
    ("$(id)", "only small letters"),
]


@pytest.mark.parametrize(("image", "said"), BAD)
def test_a_bad_image_name_is_refused_when_written_and_when_read(image: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as written:
        image_name(image)
    assert written.value.message.isprintable()
    assert len(written.value.message) < 250
    with pytest.raises(BadInput, match="In its 'image'"):
        tool_of("x", {"image": image}, Rules("me", allow_local=False))


def test_no_name_is_no_image() -> None:
    assert image_name("") == ""
    with pytest.raises(BadInput, match="empty"):
        check_image("")


@given(st.text(max_size=300))
def test_whatever_is_taken_can_be_given_to_an_engine(text: str) -> None:
    try:
        check_image(text)
    except BadInput:
        return
    assert text.isascii()
    assert text.isprintable()
    assert not text.startswith(("-", "/", "."))
    assert parse_reference(text).repository in text
