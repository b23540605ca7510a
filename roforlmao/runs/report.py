"""The report of a run as plain text, line for line as operators know it from the old framework."""

from __future__ import annotations

import json
from collections.abc import Sequence

from roforlmao.models import Run, Verdict


def report_text(run: Run, changes: Sequence[str] = ()) -> str:
    """The report; source of its lines: the report section of the framework's manual.

    ``changes`` are lines on what an anomaly changed, and stand last.
    """
    image = f"Tool image: {run.image or 'none (script tool)'}"
    directory = f"Data directory: {run.data_path}"
    message = {"container": run.image, "tool": run.tool, "dataset": run.data_path, "cron": False}
    lines = ["Report:", image, directory, f"Message to scheduler: {json.dumps(message)}", "Scheduler output:"]
    lines += [image, f"Name of tool: {run.tool}", directory]
    if run.verdict is not None:
        lines += ["Spike detector output:", directory, *_verdict_lines(run.verdict)]
    return "\n".join([*lines, *changes])


def changes_in(report: str) -> list[str]:
    """The lines on what an anomaly changed, out of a report's text."""
    _, _, rest = report.partition(f"\n{_CONCLUSION['anomaly']}: ")
    return rest.split("\n")[1:]


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = [f"Number of data snapshots: {verdict.snapshots}"]
    if verdict.expected is not None:
        lines.append(f"Current rolling average of control metric: {verdict.expected!r}")
    if verdict.value is not None:
        lines.append(f"Value of control metric in current snapshot: {verdict.value:.15g}")
    if verdict.difference is not None:
        lines.append(f"Difference:{verdict.difference!r}")
    if verdict.gain_percent is not None:
        lines.append(f"Gain:{verdict.gain_percent!r}%")
    if verdict.state != "normal":
        return [*lines, f"{_CONCLUSION[verdict.state]}: {verdict.reason}"]
    # The old framework knew the original rule only, and its report ended here.
    explanation = [] if verdict.method == "classic" else [f"Explanation: {verdict.reason}"]
    return [*lines, _CONCLUSION["normal"], *explanation]


_CONCLUSION = {
    "normal": "No data anomalies detected",
    "anomaly": "Data anomaly detected",
    "insufficient-data": "Not enough data snapshots to judge",
    "no-metric": "No control metric to judge",
}
