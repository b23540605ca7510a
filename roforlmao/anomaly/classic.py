"""The original rule: the last control value against the mean of the two before.

Source: the spike detector of the project's Docker framework. With more than two control
files, gain = (current / mean - 1) * 100, and a gain over 6 or under -6 percent is a spike.
"""

from __future__ import annotations

from pathlib import Path

from roforlmao.anomaly.control import control_files, control_value
from roforlmao.models import Verdict

METHOD = "classic"
LIMIT_PERCENT = 6.0


def judge(directory: Path) -> Verdict:
    """The verdict on the newest control file of a data directory; never raises for its content."""
    files = control_files(directory)
    if not files:
        return Verdict("no-metric", METHOD, reason="The tool left no control-*.csv.")
    try:
        values = [control_value(path) for path in files[-3:]]
    except ValueError as error:
        return Verdict("anomaly", METHOD, snapshots=len(files), reason=f"{error}.")
    return judge_values(values, len(files))


def judge_values(values: list[float], snapshots: int) -> Verdict:
    """The verdict on the last of up to three values, oldest first."""
    value = values[-1]
    if len(values) < 3:
        reason = f"{snapshots} of the 3 snapshots that the rule needs."
        return Verdict("insufficient-data", METHOD, value=value, snapshots=snapshots, reason=reason)
    mean = sum(values[-3:-1]) / 2
    margin = abs(mean) * LIMIT_PERCENT / 100
    gain = (value / mean - 1) * 100 if mean else None
    spike = abs(gain) > LIMIT_PERCENT if gain is not None else value != 0
    where = "beyond" if spike else "within"
    return Verdict(
        "anomaly" if spike else "normal",
        METHOD,
        value=value,
        expected=mean,
        low=mean - margin,
        high=mean + margin,
        difference=value - mean,
        gain_percent=gain,
        snapshots=snapshots,
        reason=f"{value:g} is {where} 6 % of {mean:g}, the mean of the two before.",
    )
