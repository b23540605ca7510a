"""The page of a comparison: whatever the cells hold, they are text in it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from roforlmao.compare.engine import compare_tables
from roforlmao.compare.html import to_html
from roforlmao.compare.options import Options
from roforlmao.compare.table import make_table
from roforlmao.progress import Progress
from roforlmao.text import clean
from tests.unit.comparing import outcome

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "ul", "li", "p", "input", "output"),
    *("table", "thead", "tbody", "tr", "th", "td", "del", "ins", "mark", "small", "script", "br"),
}


class Page(HTMLParser):
    """Its tags, the attributes that could do something, and the text of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


markup = st.text(st.sampled_from("<>&\"'/=a bscript\x1b\x07]0;\u202e-!\n"), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(markup, markup, markup)
def test_no_cell_becomes_a_tag(name: str, old: str, new: str) -> None:
    before, after = (
        make_table(side, [("id", name), ("1", value), (f"2{side}", value)], header=True)
        for side, value in (("old", old), ("new", new))
    )
    page = Page("".join(to_html(compare_tables(before, after, Options(), Progress()), None)))
    assert set(page.tags) <= ALLOWED
    assert page.tags.count("script") == 1
    assert not {attribute for attribute in page.attributes if attribute.startswith("on")}
    assert not {"src", "href", "action"} & page.attributes
    assert clean(new).strip() in page.text


def test_what_is_cut_is_said(tmp_path: Path) -> None:
    found = outcome(tmp_path, "id,v\n1,a\n", f"id,v\n1,{'b' * 5000}\n2,\n")
    text = "".join(to_html(found, None))
    assert "b… (5,000 characters)" in text
    assert '<tr class="new"><td>2<td>&quot;&quot;</tr>' in text, "empty is told from missing"
    assert "Added" not in "".join(to_html(outcome(tmp_path, "id\n1\n", "id\n"), None)).split("</ul>")[1]
