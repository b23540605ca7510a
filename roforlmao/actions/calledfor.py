"""Jobs that new data calls for, or that several operators share: their parameters and checks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from roforlmao.actions import parse
from roforlmao.actions.base import Answers, Parameter
from roforlmao.errors import BadInput
from roforlmao.names import check_name
from roforlmao.progress import Progress
from roforlmao.schedule.ping import check_ping

if TYPE_CHECKING:
    from roforlmao.app import App
    from roforlmao.schedule.jobs import Job, Plan
    from roforlmao.schedule.triggers import Trigger


def _by_data(answers: Answers) -> bool:
    return not (answers.get("rule") or answers.get("cron"))


SOURCES = (
    Parameter(
        "when_hub",
        "run when a peer announces data of this hub",
        parse.hub_name,
        "option",
        False,
        metavar="HUB",
        when=_by_data,
    ),
    Parameter(
        "when_dataset",
        "run when a peer commits to this registered dataset",
        parse.dataset_name,
        "option",
        False,
        metavar="NAME",
        when=lambda answers: _by_data(answers) and not answers.get("when_hub"),
    ),
    Parameter(
        "gap",
        "the least time between two such runs (default: 5m)",
        parse.duration,
        "option",
        False,
        metavar="S",
        asked=False,
    ),
)
PING = Parameter(
    "ping",
    "tell this watchdog of start, success and failure (as healthchecks.io)",
    check_ping,
    "option",
    False,
    metavar="URL",
    asked=False,
)
DUTY = Parameter(
    "duty",
    "share the job: of all operators with a duty of this name one runs each slot",
    lambda text: check_name(text, "name of a duty"),
    "option",
    False,
    metavar="NAME",
    asked=False,
)


def shared(plan: Plan) -> Plan:
    """The plan of a duty always publishes. Errors: BadInput where it cannot be shared."""
    if not plan.duty:
        return plan
    if plan.rule.by_event:
        raise BadInput("A duty is shared slot by slot, and data calls for slots of each operator's own.")
    if plan.busy == "skip":
        raise BadInput("Who skips a slot cannot stand by for it.", "Leave out --busy skip, or --duty.")
    return dataclasses.replace(plan, sync=True)


def agree(app: App, plan: Plan) -> None:
    """Sees that all who share a duty have its rule. Errors: BadInput, RegistryError."""
    from roforlmao.firing import duties_of

    if plan.duty:
        duties_of(app).agree(plan.duty, plan.rule)


def heard_so_far(app: App, plan: Plan, progress: Progress) -> list[Trigger]:
    """What the source of an event job has before the job is made; the source has to be there."""
    from roforlmao.schedule.sources import look

    return look(plan.rule, app.catalog, app.operator, progress) if plan.rule.by_event else []


def listen(app: App, job: Job, known: list[Trigger]) -> None:
    """From now on what is new counts."""
    from roforlmao.schedule.triggers import Triggers

    if job.plan.rule.by_event:
        Triggers(app.state).hear(job, known, app.now())
