"""Votes: whose snapshot shall count for a day, where the audit leaves that to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roforlmao.actions import choices, parse
from roforlmao.actions.auditing import DATE, HUB
from roforlmao.actions.base import Action, Parameter, Report
from roforlmao.actions.vouching import doubts
from roforlmao.models import Ballot, Vote, as_json
from roforlmao.progress import Progress
from roforlmao.text import counted

if TYPE_CHECKING:
    from roforlmao.app import App


def vote(app: App, _progress: Progress, hub: str, date: str, operator: str | None = None) -> Report:
    if operator is None:
        return _report(app.catalog.ballot(hub, date), ())
    chosen = app.catalog.announcement(hub, date, operator)
    now = app.now().isoformat(timespec="seconds")
    ballot = app.catalog.vote(hub, date, Vote(app.operator, operator, now))
    retracted = [f"{operator} has retracted that day."] if chosen.is_retracted else []
    return _report(ballot, (*retracted, *doubts(app, [chosen])))


def _report(ballot: Ballot, warnings: tuple[str, ...]) -> Report:
    rows = [
        [operator, f"{votes:,}", ", ".join(one.voter for one in ballot.votes if one.operator == operator)]
        for operator, votes in ballot.tally.items()
    ]
    elected = f"{ballot.elected} is elected" if ballot.elected else "nobody is elected"
    return Report(
        {**as_json(ballot), "tally": dict(ballot.tally), "elected": ballot.elected or None},
        f"{ballot.hub} of {ballot.date}",
        ("operator", "votes", "by"),
        rows,
        lines=[f"{counted(len(ballot.votes), 'vote')}; {elected}."],
        warnings=warnings,
    )


ACTIONS = (
    Action(
        "",
        "vote",
        "Vote for a snapshot",
        vote,
        (
            HUB,
            DATE,
            Parameter(
                "operator",
                "whose snapshot shall count",
                parse.operator_name,
                required=False,
                choices=choices.operators,
            ),
        ),
        help="Elects the snapshot that counts for a day. A second vote changes the first. Without OPERATOR "
        "it only shows the tally.",
    ),
)
