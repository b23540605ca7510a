"""Runs that a lost history held, as the receipts in data clones and the announcements tell them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from roforlmao.errors import GitFailed
from roforlmao.git.receipts import Recorded, recorded
from roforlmao.models import Run, Sync, SyncState, Verdict, VerdictState
from roforlmao.paths import Places
from roforlmao.runs.history import History, is_run_id

if TYPE_CHECKING:
    from pathlib import Path

    from roforlmao.registry.catalog import Catalog

_STATES: tuple[VerdictState, ...] = ("normal", "anomaly", "insufficient-data", "no-metric")


def restore_runs(
    history: History, places: Places, announced: Mapping[str, str], operator: str, zone: dt.tzinfo | None
) -> int:
    """Saves what the operator's own receipts tell of; returns how many runs that is.

    ``announced`` gives the registry's key by commit. What was never committed, logs and reports are
    lost. Errors: StorageFailed.
    """
    from roforlmao.data.clones import data_clones

    restored = 0
    for clone in data_clones(places):
        for run in _runs(clone.path, operator, announced, zone):
            history.save(run, finished=True)
            restored += 1
    return restored


def announced_by(operator: str, catalog: Catalog, namespace: str) -> dict[str, str]:
    """The keys of what the operator announced, by commit. Errors: those of the registry."""
    return {
        one.commit: f"{namespace}hubs/{hub}/{one.date}/{one.operator}"
        for hub in catalog.hubs()
        for one in catalog.announcements(hub).good
        if one.operator == operator and one.commit
    }


def _runs(path: Path, operator: str, keys: Mapping[str, str], zone: dt.tzinfo | None) -> Iterator[Run]:
    try:
        found = recorded(path)
    except GitFailed:  # a clone that is broken too tells nothing
        return
    for one in found:
        trailers = one.receipt.trailers
        if trailers.get("Operator") == operator and is_run_id(trailers.get("Run-id", "")):
            yield _run(one, path, keys, zone)


def _run(one: Recorded, path: Path, keys: Mapping[str, str], zone: dt.tzinfo | None) -> Run:
    told = one.receipt.trailers
    run_id, exit_code, rows = told["Run-id"], told.get("Exit-code", ""), told.get("Rows", "")
    began = dt.datetime.strptime(run_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=zone)
    verdict = next((state for state in _STATES if state == told.get("Verdict")), None)
    sync: SyncState = "pushed" if one.published else "committed"
    return Run(
        run_id,
        told.get("Tool", path.name),
        "container" if told.get("Image-digest") else "script",
        told.get("Command", ""),
        tuple(told.get("Arguments", "").split()),
        began.isoformat(timespec="seconds"),
        "succeeded" if exit_code in ("", "0") else "failed",
        exit_code=int(exit_code) if exit_code.isdecimal() else None,
        digest=told.get("Image-digest", ""),
        commit=told.get("Code-commit", ""),
        data_path=str(path),
        rows=int(rows) if rows.isdecimal() else None,
        verdict=Verdict(verdict, "restored", reason="as its receipt says") if verdict else None,
        sync=Sync(sync, one.commit, keys.get(one.commit, ""), "restored from its receipt"),
        triggered_by=tuple(told.get("Triggered-by", "").split()),
        experiment=told.get("Experiment", ""),
    )
