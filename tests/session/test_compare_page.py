"""The page of a comparison, as a browser opens it from disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.session.browser import CHROMIUM, elements, pixels
from tests.session.world import Operator, World

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
OLD = "id,name,stars,about\n1,Kyber,5,a swap of tokens\n2,Maker,7,\n"
NEW = "id,name,stars,about\n1,Kyber,6,a swap of some tokens\n3,Aave,1,\n"
HOSTILE = (
    "id,v\n1,<script>document.title='owned'</script>\n"
    '2,"""><img src=x onerror=document.title=\'owned\'>"\n3,\x1b]0;owned\x07&amp; \u202eevil\n'
)


@pytest.fixture
def alice(world: World) -> Operator:
    return world.operator("alice")


def page(alice: Operator, top: Path, old: str, new: str, *options: str) -> Path:
    for name, text in (("old", old), ("new", new)):
        (top / f"{name}.csv").write_text(text)
    target = top / "result.html"
    answer = alice.verb("compare", top / "old.csv", top / "new.csv", "--output", target, *options)
    assert answer.status == 1, answer.out
    return target


def test_changed_cells_are_there_and_highlighted(alice: Operator, tmp_path: Path) -> None:
    target = page(alice, tmp_path, OLD, NEW)
    shown = elements(target.as_uri(), tmp_path / "profile")
    assert "<del>5</del> → <ins>6</ins> <small>+1 (+20.0 %)</small>" in shown
    assert "<ins>a swap of <mark>some </mark>tokens</ins>" in shown
    assert re.search(r'<tr class="new"><td>3</td><td>Aave</td>', shown)
    assert re.search(r'<tr class="old"><td>2</td><td>Maker</td>', shown)
    light = pixels(target.as_uri(), tmp_path / "profile", size=(900, 500))
    assert min(light[(255, 221, 221)], light[(221, 255, 221)]) > 100, "old and new in their colours"
    assert light[(255, 255, 255)] > sum(light.values()) / 2
    dark = pixels(
        target.as_uri(), tmp_path / "profile", "--blink-settings=preferredColorScheme=0", size=(900, 500)
    )
    assert min(dark[(68, 17, 17)], dark[(17, 51, 17)]) > 100
    assert dark[(255, 255, 255)] < sum(dark.values()) / 2


def test_the_filter_hides_the_other_rows_and_says_how_many(alice: Operator, tmp_path: Path) -> None:
    target = page(alice, tmp_path, OLD, NEW)
    shown = elements(f"{target.as_uri()}#aave", tmp_path / "profile")
    assert "1 of 3 rows" in shown
    assert shown.count('hidden=""') == 2


def test_hostile_cells_are_text_and_nothing_is_fetched(alice: Operator, tmp_path: Path) -> None:
    target = page(alice, tmp_path, "id,v\n1,a\n2,b\n3,c\n", HOSTILE, "--key", "id")
    shown = elements(target.as_uri(), tmp_path / "profile")
    assert "<title>owned" not in shown
    assert "&lt;script&gt;" in shown
    assert "<img" not in shown
    assert not re.search(r"(?:src|href)=", target.read_text().replace("src=x", ""))
    assert not {"\x1b", "\x07", "\u202e"} & set(target.read_text())


def test_a_long_list_is_cut_and_its_count_told(alice: Operator, tmp_path: Path) -> None:
    new = "id,v\n" + "".join(f"{number},{number}\n" for number in range(2500))
    text = page(alice, tmp_path, "id,v\n0,1\n", new).read_text()
    assert "Added: 2,499 rows, the first 2,000 are here" in text
    assert text.count('<tr class="new">') == 2000
    (tmp_path / "result.html").unlink()
    assert (
        page(alice, tmp_path, "id,v\n0,1\n", new, "--limit", "3").read_text().count('<tr class="new">') == 3
    )


def test_a_table_of_many_changed_columns_stays_readable(alice: Operator, tmp_path: Path) -> None:
    head = "id," + ",".join(f"c{number}" for number in range(60))
    old, new = (f"{head}\n1,{','.join([value] * 60)}\n" for value in "ab")
    text = page(alice, tmp_path, old, new, "--key", "id").read_text()
    assert text.count('<td class="changed">') == 40
    assert "<th>other columns" in text
    assert text.count("<del>") == 60, "every changed cell is on the page"
