"""Where two texts differ, and by how much numbers changed."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.compare.deltas import EDGES, delta, percent_text, profiles
from roforlmao.compare.marks import Piece, mark
from roforlmao.compare.result import CellChange, ChangedRow
from roforlmao.progress import Progress


def shown(pieces: list[Piece]) -> str:
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("the quick fox", "the quack fox", ("the qu[i]ck fox", "the qu[a]ck fox")),
        ("abc", "abc", ("abc", "abc")),
        ("", "new", ("", "[new]")),
        ("aa", "a", ("a[a]", "a")),
        ("one two three four", "one 2 three 4", ("one [two] three [four]", "one [2] three [4]")),
        ("1.2.3", "4.5.6", ("[1.2.3]", "[4.5.6]")),
        ("日本語", "日韓語", ("日[本]語", "日[韓]語")),
    ],
)
def test_only_what_differs_is_marked(old: str, new: str, marked: tuple[str, str]) -> None:
    assert tuple(map(shown, mark(old, new))) == marked


def test_a_shallow_look_marks_all_between_the_common_ends() -> None:
    before, after = mark("one two three four", "one 2 three 4", deep=False)
    assert (shown(before), shown(after)) == ("one [two three four]", "one [2 three 4]")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.booleans())
def test_the_pieces_make_up_both_texts_and_the_common_ones_agree(old: str, new: str, deep: bool) -> None:
    before, after = mark(old, new, deep=deep)
    assert "".join(piece.text for piece in before) == old
    assert "".join(piece.text for piece in after) == new
    common = ["".join(piece.text for piece in side if not piece.differs) for side in (before, after)]
    assert common[0] == common[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ab" * 500_000, "ba" * 500_000),
        ("x" * 1_000_000, "y" * 1_000_000),
        ("a " * 100, "a b " * 50),
        ("ab" * 50, "ba" * 50),
    ],
)
def test_the_cost_is_bounded(old: str, new: str) -> None:
    before = time.process_time()
    found = mark(old, new)
    assert time.process_time() - before < 1
    assert "".join(piece.text for piece in found[0]) == old


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("5", "6", "+1 (+20.0 %)"),
        ("0", "5", "+5"),
        ("-4", "-6", "-2 (-50.0 %)"),
        (" 1.1", "1.2 ", "+0.1 (+9.1 %)"),
        ("1000000", "2500000", "+1,500,000 (+150.0 %)"),
        ("1e-9", "1", "+0.999999999 (>+999,999 %)"),
        ("1e9999", "-1e9999", "-2.000e+9999 (-200.0 %)"),
    ],
)
def test_numbers_have_an_exact_difference(old: str, new: str, told: str) -> None:
    assert str(delta(old, new)) == told


@pytest.mark.parametrize(("old", "new"), [("5", "n/a"), (None, "5"), ("", "5"), ("1,000", "2"), ("nan", "1")])
def test_what_is_no_number_has_none(old: str | None, new: str | None) -> None:
    assert delta(old, new) is None


def changed(*cells: tuple[str, str, str]) -> ChangedRow:
    return ChangedRow(("k",), tuple(CellChange(*cell) for cell in cells))


def test_a_columns_profile_counts_falls_rises_and_their_size() -> None:
    rows = [changed(("v", "100", new)) for new in ("40", "99.5", "100.5", "103", "300")]
    found = profiles([*rows, changed(("v", "0", "7"), ("text", "a", "b"))], Progress())
    assert set(found) == {"v"}
    profile = found["v"]
    assert (profile.falls, profile.rises) == (2, 4)
    assert profile.bars == (1, 0, 0, 0, 1, 1, 1, 0, 0, 2)
    assert len(profile.bars) == len(EDGES) + 1
    assert profile.median == pytest.approx(0.5)
    assert percent_text(profile.median or 0.0) == "+0.5 %"


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_every_two_numbers_have_a_delta_that_can_be_told(old: Decimal, new: Decimal) -> None:
    found = delta(f"{old:.6e}", f"{new:.6e}")
    assert found is not None
    assert len(str(found)) < 80
    profiles([changed(("v", f"{old:.6e}", f"{new:.6e}"))], Progress())
