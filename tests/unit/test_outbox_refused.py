"""The outbox: what is refused, discarded, or belongs to a slot that another took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from roforlmao.errors import ConfigurationError, Conflict, LoginRefused, LossRefused, NameTaken
from roforlmao.models import Announcement, Sync
from roforlmao.registry.base import ABSENT
from roforlmao.registry.catalog import Catalog
from roforlmao.registry.fence import Fence
from roforlmao.runs.history import History
from roforlmao.runs.letters import Letter
from roforlmao.runs.outbox import KIND, NotAnnounced
from tests.unit.outboxdesk import Desk, commits, letter

CLAIM = "/mao/fired/watch/2026-11-22T03:00:00Z"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path)) as opened:
        yield opened


def test_what_is_refused_for_good_is_told_and_keeps_nothing_else_waiting(desk: Desk) -> None:
    hostile = Letter(Announcement("h", "2026-11-22", "alice", "ext::sh -c id", commits(4)[0]), "run sync 4")
    desk.put_away(letter(1), letter(2, hub="denied"), hostile, letter(3))
    desk.run(2, Sync("pushed", commits(2)[0], waits=True))
    done = desk.outbox.deliver()
    assert [one.letter.again for one, _ in done.refused] == ["run sync 2", "run sync 4"]
    assert (desk.told(), desk.outbox.count()) == (commits(1, 3), 0)
    told = desk.notices("sync")
    assert told[0] == (
        "The announcement of denied 2026-11-22 was refused: You may not write there. Ask for the role. "
        "Once that is mended: run sync 2"
    )
    assert len(told) == 2
    assert desk.sync(2).state == "failed"
    assert [run.id for run in History(desk.state).waiting()] == ["r2"], "push-all would pass it by"


def test_what_is_refused_at_once_does_not_wait(desk: Desk) -> None:
    with pytest.raises(NotAnnounced, match="Pushed as 000000000000, but not announced: You may not") as told:
        desk.outbox.announce(letter(2, hub="denied"))
    assert "run sync 2" in told.value.hint
    assert desk.outbox.count() == 0


@pytest.mark.parametrize(
    "error",
    [ConfigurationError("sign.key: no"), NameTaken("Somebody is you."), LoginRefused("A wrong password.")],
)
def test_what_hinders_every_letter_alike_refuses_none(desk: Desk, error: Exception) -> None:
    desk.put_away(letter(1), letter(2))
    desk.hinders = error
    assert desk.outbox.deliver().why == str(error)
    assert desk.outbox.announce(letter(3)).waits
    desk.now += 60
    desk.outbox.round()
    assert sum("cannot be announced" in text for text in desk.notices(KIND)) == 1
    desk.hinders = None
    desk.outbox.deliver()
    assert desk.told() == commits(1, 2, 3)


def test_an_announcement_that_another_key_signed_is_refused_unless_it_may_be_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(_catalog: Catalog, _entry: Announcement, *, replace: bool = False) -> str:
        if replace:
            return "/mao/hubs/h/2026-11-22/alice"
        raise LossRefused("It was announced with another key than yours.")

    desk.put_away(letter(1), letter(2, replace=True))
    monkeypatch.setattr(Catalog, "announce", taken)
    done = desk.outbox.deliver()
    assert [one.letter.run for one in done.delivered] == ["r2"]
    assert "another key" in done.refused[0][1]
    with pytest.raises(LossRefused):
        desk.outbox.announce(letter(3))


def test_others_who_write_the_same_key_all_the_time_only_delay(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> str:
        raise Conflict("Others change it all the time.")

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "announce", busy)
        assert desk.outbox.announce(letter(1)).waits
    desk.now += 60
    desk.outbox.round()
    assert desk.told() == commits(1)


def claimed(desk: Desk) -> Fence:
    session = desk.gate.session(30.0)
    return Fence(CLAIM, desk.gate.put(CLAIM, b"running", ABSENT, session.lease), b"done")


def test_the_announcement_of_a_shared_slot_is_delivered_while_its_claim_holds_and_settles_it(
    desk: Desk,
) -> None:
    desk.put_away(letter(1, fence=claimed(desk)))
    desk.restart()
    desk.outbox.deliver()
    found = desk.gate.get(CLAIM)
    assert found is not None
    assert (found.value, found.lease) == (b"done", 0)
    assert desk.told() == commits(1)


def test_the_announcement_of_a_slot_that_another_took_is_never_delivered(desk: Desk) -> None:
    fence = claimed(desk)
    desk.put_away(letter(1, fence=fence), letter(2))
    desk.run(1, Sync("pushed", commits(1)[0], waits=True))
    desk.gate.delete(CLAIM)  # as its lease does when it runs out
    desk.gate.put(CLAIM, b"running", ABSENT)
    done = desk.outbox.deliver()
    assert "away for longer than its lease" in done.refused[0][1]
    assert desk.told() == commits(2)
    assert desk.sync(1).state == "failed"


def test_a_discarded_letter_is_not_delivered_and_its_run_waits_to_be_published(desk: Desk) -> None:
    desk.put_away(letter(1), letter(2))
    desk.run(1, Sync("pushed", commits(1)[0], waits=True))
    first = desk.outbox.all()[0]
    assert desk.outbox.discard(first.number) == first
    assert desk.outbox.discard(first.number) is None
    assert desk.sync(1) == Sync(
        "failed", commits(1)[0], reason="its announcement was discarded; `run sync 1`"
    )
    desk.outbox.deliver()
    assert desk.told() == commits(2)
