"""What OLD and NEW may be besides files: versions from git, days of a stream, what peers announced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roforlmao.actions.comparechoices import newer, older
from roforlmao.actions.references import Announced, FileAt, reference
from roforlmao.app import App
from roforlmao.errors import BadInput
from roforlmao.paths import Home
from tests.session.world import Operator, World

HEAD = "id,name,stars\n"
DAY = "2019-11-03"


@pytest.fixture
def alice(world: World) -> Operator:
    return world.operator("alice")


def stream(top: Path, *days: int, name: str = "stars") -> Path:
    top.mkdir(parents=True, exist_ok=True)
    for day in days:
        (top / f"{name}-2019-11-{day:02}.csv").write_text(f"{HEAD}1,Kyber,{day}\n")
    return top


def clone(world: World, top: Path) -> Path:
    """A file with three committed versions, the last two of the same day."""
    world.git(top, "init", "--quiet", "--initial-branch=main")
    path = top / "stars.csv"
    for stars, day in ((1, "2019-11-03"), (2, "2019-11-05"), (3, "2019-11-05")):
        path.write_text(f"{HEAD}1,Kyber,{stars}\n")
        world.commit(top, f"sync {day}")
    return path


def stars(found: Any) -> tuple[str, str]:
    """The only cell that changed: before and after."""
    cells = [cell for row in found["changed"] for cell in row["cells"]]
    assert [cell["column"] for cell in cells] == ["stars"]
    return cells[0]["old"], cells[0]["new"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/x/a.csv@HEAD~1", FileAt(Path("/x/a.csv"), "HEAD~1")),
        ("/x/stars-*.csv@2019-11-03", FileAt(Path("/x/stars-*.csv"), "2019-11-03")),
        ("/x/a@b.csv@4f2a", FileAt(Path("/x/a@b.csv"), "4f2a")),
        ("/x/a.csv", FileAt(Path("/x/a.csv"))),
        ("dockerhub/2019-3-5/ada", Announced("dockerhub", "2019-03-05", "ada")),
        ("aws-sar/2019-03-05/ada/sub/x-*.csv", Announced("aws-sar", "2019-03-05", "ada", "sub/x-*.csv")),
    ],
)
def test_each_form_is_understood_and_spelled_alike(text: str, expected: FileAt | Announced) -> None:
    assert reference(text) == expected
    assert reference(str(expected)) == expected


@pytest.mark.parametrize("text", ["/x/a.csv@--upload-pack=x", "/x/a.csv@", "hub/2019-13-05/ada", "/x/a@-b"])
def test_what_git_could_take_for_an_option_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        reference(text)


def test_a_file_that_is_there_is_never_taken_for_another_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hub" / "2019-11-03" / "ada"
    path.mkdir(parents=True)
    (tmp_path / "a.csv@HEAD").write_text(HEAD)
    assert reference("hub/2019-11-03/ada") == FileAt(path)
    assert reference("a.csv@HEAD") == FileAt(tmp_path / "a.csv@HEAD")


def test_two_days_of_a_stream_are_compared(alice: Operator, tmp_path: Path) -> None:
    top = stream(tmp_path / "data", 3, 5)
    for old, new in (
        (f"{top}@2019-11-03", f"{top}@2019-11-5"),
        (f"{top}/stars-*.csv@2019-11-03", top / "stars-2019-11-05.csv"),
        (f"{tmp_path}/data/*.csv@2019-11-03", f"{top}@2019-11-05"),
    ):
        answer = alice.verb("compare", old, new)
        assert answer.status == 1
        assert stars(answer.data) == ("3", "5")
        assert answer.data["old"]["path"] == str(top / "stars-2019-11-03.csv")


def test_a_day_that_is_missing_names_the_nearest(alice: Operator, tmp_path: Path) -> None:
    top = stream(tmp_path / "data", 1, 3, 5, 7, 20)
    error = alice.verb("compare", f"{top}@2019-11-04", f"{top}@2019-11-05").data["error"]
    assert error["code"] == "not-found"
    assert "2019-11-01, 2019-11-03, 2019-11-05, 2019-11-07." in error["hint"]


def test_several_streams_in_a_directory_are_told_apart_by_a_pattern(alice: Operator, tmp_path: Path) -> None:
    top = stream(tmp_path / "data", 3, 5)
    stream(top, 3, 5, name="forks")
    both = [f"{top}@2019-11-03", f"{top}@2019-11-05"]
    refused = alice.verb("compare", *both)
    assert refused.status == 2
    assert "'stars-*.csv'" in refused.data["error"]["hint"]
    assert (
        alice.verb("compare", *both, "--file", "forks-*").data["old"]["path"].endswith("forks-2019-11-03.csv")
    )


def test_two_versions_of_a_file_are_compared_and_named(world: World, alice: Operator, tmp_path: Path) -> None:
    path = clone(world, tmp_path)
    first = world.git(tmp_path, "rev-parse", "HEAD~2")
    for old, new, expected in (
        (f"{path}@{first}", path, ("1", "3")),
        (f"{path}@HEAD~1", f"{path}@main", ("2", "3")),
        (f"{path}@2019-11-03", f"{path}@2019-11-05", ("1", "3")),
    ):
        assert stars(alice.verb("compare", old, new).data) == expected
    named = alice.verb("compare", f"{path}@{first}", path).data["old"]["path"]
    assert named == f"{path}@{first[:10]}"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("nowhere", "There is no commit 'nowhere'"),
        ("2020-01-01", "has nothing of 2020-01-01"),
        ("HEAD:stars.csv", "neither a day nor a commit"),
    ],
)
def test_a_version_that_is_not_there_is_told(
    at: str, said: str, world: World, alice: Operator, tmp_path: Path
) -> None:
    path = clone(world, tmp_path)
    answer = alice.verb("compare", f"{path}@{at}", path)
    assert answer.status == 2
    assert said in answer.data["error"]["message"]


def test_private_copies_of_versions_do_not_stay(
    world: World, alice: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = tmp_path / "temporary"
    folders.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folders))
    path = clone(world, stream(tmp_path / "clone"))
    assert alice.verb("compare", f"{path}@HEAD~1", path).status == 1
    assert list(folders.iterdir()) == []


def announce(world: World, operator: Operator, *names: str, rows: str) -> None:
    """The operator's own repository with these tables of the day, pushed and announced."""
    path = operator.home / "clone"
    world.git(operator.home, "clone", "--quiet", world.bare(operator.name), str(path))
    for name in names:
        (path / f"{name}-{DAY}.csv").write_text(HEAD + rows)
    operator.done("dataset", "sync", path, "--hub", "stars", "--date", DAY)


def test_two_operators_snapshots_of_a_day_are_compared(world: World, alice: Operator) -> None:
    announce(world, alice, "stars", rows="1,Kyber,5\n")
    announce(world, world.operator("bob"), "stars", rows="1,Kyber,6\n")
    answer = alice.verb("compare", f"stars/{DAY}/alice", f"stars/{DAY}/bob")
    assert answer.status == 1, answer.out
    assert stars(answer.data) == ("5", "6")
    assert answer.data["old"]["path"] == f"stars/{DAY}/alice/stars-{DAY}.csv"
    again = alice.verb("compare", answer.data["old"]["path"], answer.data["new"]["path"])
    assert stars(again.data) == ("5", "6"), "what is told can be typed"


def test_of_several_tables_of_a_day_one_is_named(world: World, alice: Operator) -> None:
    announce(world, alice, "Stars", "Forks", rows="1,Kyber,5\n")
    announce(world, world.operator("bob"), "Stars", rows="1,Kyber,6\n")
    both = [f"stars/{DAY}/alice", f"stars/{DAY}/bob"]
    refused = alice.verb("compare", *both)
    assert refused.status == 2
    assert "holds 2 tables of that day" in refused.data["error"]["message"]
    assert "--file" in refused.data["error"]["hint"]
    assert stars(alice.verb("compare", *both, "--file", "Stars-*.csv").data) == ("5", "6")


def test_what_nobody_announced_is_not_found(world: World, alice: Operator) -> None:
    answer = alice.verb("compare", f"stars/{DAY}/alice", f"stars/{DAY}/bob")
    assert (answer.status, answer.data["error"]["code"]) == (2, "not-found")


def test_menus_offer_the_one_before_first(world: World, alice: Operator) -> None:
    app = App(Home.locate(None, str(alice.home), {}), {})
    top = stream(alice.home / "work" / "data", 3, 4, 5)
    days = {"what": "days", "stream": top / "stars-*.csv"}
    assert [choice.title for choice in newer(app, days)] == ["2019-11-05", "2019-11-04", "2019-11-03"]
    chosen = {**days, "new": FileAt(top / "stars-2019-11-04.csv")}
    assert [choice.title for choice in older(app, chosen)] == ["2019-11-03", "2019-11-05"]
    path = clone(world, top)
    versions = {"what": "versions", "versioned": path}
    titles = [choice.title for choice in newer(app, versions)]
    assert titles[0] == "as it stands now"
    assert [title[:10] for title in titles[1:]] == ["2019-11-05", "2019-11-05", "2019-11-03"]
    assert older(app, {**versions, "new": FileAt(path)})[0].title == titles[1]


def test_menus_offer_the_operators_who_announced_a_day(world: World, alice: Operator) -> None:
    announce(world, alice, "stars", rows="1,Kyber,5\n2,Maker,1\n")
    announce(world, world.operator("bob"), "stars", rows="1,Kyber,6\n")
    app = App(Home.locate(None, str(alice.home), {}), {})
    asked = {"what": "peers", "hub": "stars", "date": DAY}
    offered = newer(app, asked)
    assert [choice.value for choice in offered] == [
        Announced("stars", DAY, name) for name in ("alice", "bob")
    ]
    assert offered[0].note == "3 rows", "lines, the header among them"
    assert [choice.title for choice in older(app, {**asked, "new": offered[1].value})] == ["alice"]
    app.close()
