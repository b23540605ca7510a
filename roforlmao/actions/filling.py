"""Gap-fill: a missing, empty or retracted day is taken from a peer, with its origin in the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.announcing import Published, publish, sync_again
from roforlmao.actions.auditing import HUB
from roforlmao.actions.base import Action, Answers, Choice, Parameter, Report
from roforlmao.actions.clonepath import clone_or_path
from roforlmao.actions.publishing import ALLOW_LOSS
from roforlmao.actions.retracting import warning_of
from roforlmao.actions.vouching import VOUCHED, vouch
from roforlmao.errors import BadInput, NotFound
from roforlmao.models import Announcement
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.data.fill import Taken
    from roforlmao.data.share import Delivery


def fill(
    app: App,
    progress: Progress,
    dataset: str,
    hub: str,
    date: str,
    source: str | None = None,
    sync: bool | None = None,
    allow_loss: bool = False,
    vouched: bool | str = False,
) -> Report:
    from roforlmao.data.fill import placed, refuse_unpublished
    from roforlmao.data.share import Delivery, keep

    clone = clone_or_path(app, dataset)
    refuse_unpublished(clone, progress)
    chosen, why = _chosen(app, hub, date, source)
    vouch(app, chosen, vouched)
    commit, files = _fetched(app, chosen, progress)
    trailers = {
        "Operator": app.operator,
        "Origin": chosen.operator,
        "Origin-url": chosen.url,
        "Origin-commit": commit,
    }
    delivery = Delivery(clone, hub, date, app.operator, trailers, allow_loss)
    with placed(files, clone, replace=allow_loss) as taken:
        done = publish(app, delivery, progress) if sync else Published(keep(delivery, progress))
    data = {**done.as_json(), "path": str(clone), "origin": chosen.operator, "taken": taken}
    lines = [
        f"Took {counted(len(taken), 'file')} of {date} from {chosen.operator} ({why}).",
        _said(done, delivery),
    ]
    return Report(data, lines=lines, warnings=[*warning_of(chosen), *done.warnings])


def _fetched(app: App, chosen: Announcement, progress: Progress) -> tuple[str, list[Taken]]:
    """The commit, and all files of that day. Errors: BadInput where they are empty."""
    from roforlmao.audit.selection import OfDay
    from roforlmao.data.fill import Taken
    from roforlmao.git.glimpse import glimpse

    progress.start(f"Fetching from {chosen.operator}")
    seen = glimpse(
        chosen.url,
        chosen.commit,
        OfDay(chosen.date, everything=True).choose,
        app.places.audits / chosen.hub / chosen.date / chosen.operator,
        progress,
        local=app.catalog.trusts_paths_of(chosen.operator, chosen.url),
    )
    if not any(one.copy.stat().st_size for one in seen.taken):
        raise BadInput(
            f"What {chosen.operator} has of {chosen.date} is empty.", "Name another operator: --from OPERATOR"
        )
    return seen.commit, [Taken(one.path, one.copy) for one in seen.taken]


def _chosen(app: App, hub: str, date: str, source: str | None) -> tuple[Announcement, str]:
    """Whose, and why. Errors: NotFound."""
    if source:
        return app.catalog.announcement(hub, date, source), "as you asked"
    found = candidates(app, hub, date)
    if not found:
        raise NotFound(
            f"No peer has data of {hub} for {date} that counts.",
            f"See who has what: hub operators {hub} {date}",
        )
    return found[0]


def candidates(app: App, hub: str, date: str) -> list[tuple[Announcement, str]]:
    """Peers whose snapshot is neither empty nor retracted, and what speaks for it, the best first.

    Who is elected, then who won an audit, then who has most rows; a judged anomaly and a copy stand
    behind what a peer collected and nobody doubts.
    """
    elected = app.catalog.ballot(hub, date).elected
    decided = [audit for audit in app.catalog.audits(hub).good if audit.date == date and audit.decided]
    won = {name: audit.auditor for audit in decided for name in audit.winner}

    def rank(entry: Announcement) -> tuple[bool, bool, bool, bool, int]:
        doubted, copied = entry.verdict == "anomaly", bool(entry.origin)
        return entry.operator != elected, entry.operator not in won, doubted, copied, -(entry.rows or 0)

    def why(entry: Announcement) -> str:
        if entry.operator == elected:
            return "elected by vote"
        auditor = won.get(entry.operator)
        rows = "rows unknown" if entry.rows is None else counted(entry.rows, "row")
        return f"won the audit of {auditor}" if auditor else rows

    found = [
        entry
        for entry in app.catalog.announcements(hub, date).good
        if entry.operator != app.operator and entry.rows != 0 and not entry.is_retracted
    ]
    return [(entry, why(entry)) for entry in sorted(found, key=rank)]


def _said(done: Published, delivery: Delivery) -> str:
    commit = done.shared.commit[:12]
    if done.posted is not None:
        return f"Pushed as {commit}" + (f" and announced as {done.key}." if done.key else ".")
    later = sync_again(delivery.path, delivery.hub, delivery.date)
    return f"Committed as {commit}, not published yet: {later}"


def _gaps(app: App, answers: Answers) -> Sequence[Choice]:
    """Days that peers have and the operator lacks, has empty, or retracted."""
    entries = app.catalog.announcements(answers["hub"]).good
    own = {one.date: one for one in entries if one.operator == app.operator}
    found = {one.date: own.get(one.date) for one in entries if one.operator != app.operator}
    states = {date: _lacking(mine) for date, mine in found.items()}
    return [Choice(date, date, state) for date, state in states.items() if state]


def _lacking(mine: Announcement | None) -> str:
    if mine is None:
        return "missing"
    return "retracted" if mine.is_retracted else "empty" if mine.rows == 0 else ""


def _datasets(app: App, answers: Answers) -> Sequence[Choice]:
    return [Choice(str(one.value), one.title, one.note) for one in choices.syncable(app, answers)]


def _sources(app: App, answers: Answers) -> Sequence[Choice]:
    found = candidates(app, answers["hub"], answers["date"])
    return [Choice(entry.operator, entry.operator, why) for entry, why in found]


ACTIONS = (
    Action(
        "dataset",
        "fill",
        "Fill a gap from a peer",
        fill,
        (
            Parameter("dataset", "your clone", metavar="NAME|PATH", choices=_datasets),
            Parameter("hub", HUB.help, parse.hub_name, "option", choices=choices.hubs),
            Parameter("date", "the day that you lack", parse.date, "option", choices=_gaps),
            Parameter(
                "source",
                "from whom (default: who is elected, won an audit, or has most rows)",
                parse.operator_name,
                "option",
                False,
                spelled="from",
                metavar="OPERATOR",
                choices=_sources,
            ),
            Parameter("sync", "publish and announce it at once", form="switch", required=False, asked=False),
            ALLOW_LOSS,
            VOUCHED,
        ),
        help="Takes a peer's files of a day into your clone and commits them with their origin. Nothing of "
        "your own is overwritten unless you say so (--allow-loss).",
    ),
)
