"""The table of actions: all that the fronts can call, in the order in which they show it."""

from __future__ import annotations

from roforlmao.actions import (
    acknowledging,
    auditing,
    backtesting,
    calendar,
    comparing,
    completion,
    datasets,
    experimenting,
    federating,
    filling,
    firing,
    history,
    hubs,
    jobs,
    legacy,
    marks,
    members,
    notifications,
    outbox,
    previewing,
    publishing,
    pushing,
    repeating,
    retracting,
    running,
    sample,
    scheduling,
    setup,
    spiking,
    streamhistory,
    tools,
    voting,
)
from roforlmao.actions.base import Action

ACTIONS: tuple[Action, ...] = (
    *setup.ACTIONS,
    *sample.ACTIONS,
    *tools.ACTIONS,
    *running.ACTIONS,
    *history.ACTIONS,
    *publishing.ACTIONS,
    *pushing.ACTIONS,
    *outbox.ACTIONS,
    *scheduling.ACTIONS,
    *jobs.ACTIONS,
    *firing.ACTIONS,
    *datasets.ACTIONS,
    *previewing.ACTIONS,
    *filling.ACTIONS,
    *streamhistory.ACTIONS,
    *hubs.ACTIONS,
    *calendar.ACTIONS,
    *retracting.ACTIONS,
    *auditing.ACTIONS,
    *voting.ACTIONS,
    *spiking.ACTIONS,
    *backtesting.ACTIONS,
    *acknowledging.ACTIONS,
    *marks.ACTIONS,
    *comparing.ACTIONS,
    *notifications.ACTIONS,
    *experimenting.ACTIONS,
    *repeating.ACTIONS,
    *members.ACTIONS,
    *federating.ACTIONS,
    *legacy.ACTIONS,
    *completion.ACTIONS,
)


def find(group: str, verb: str) -> Action:
    """The action of that verb. Errors: KeyError."""
    for action in ACTIONS:
        if (action.group, action.verb) == (group, verb):
            return action
    raise KeyError(f"{group} {verb}")
