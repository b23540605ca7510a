"""How answers are read from text: one parser each, for the prompt and for argparse."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

from roforlmao.errors import BadInput
from roforlmao.imagename import check_image
from roforlmao.names import check_date, check_name, check_url
from roforlmao.rules import parse_duration
from roforlmao.schema import SCHEMA, check_endpoint
from roforlmao.text import one_line


def tool_name(text: str) -> str:
    return check_name(text, "tool name")


def dataset_name(text: str) -> str:
    return check_name(text, "dataset name")


def experiment_name(text: str) -> str:
    return check_name(text, "experiment name")


def hub_name(text: str) -> str:
    return check_name(text, "hub name")


def operator_name(text: str) -> str:
    return check_name(text, "operator name")


def own_url(text: str) -> str:
    """A repository URL of the operator's own; paths are allowed, and made absolute."""
    if text.startswith(("~", "./", "../")):
        text = str(Path(text).expanduser().resolve())
    return check_url(text, local=True)


def optional_url(text: str) -> str:
    """As ``own_url``; empty means that there is none."""
    return own_url(text) if text else ""


def date(text: str) -> str:
    return check_date(text)


def line(text: str) -> str:
    """Free text on one line, without control characters."""
    if len(text) > 2000:
        raise BadInput(f"That text is {len(text)} characters long.", "At most 2000.")
    if text != one_line(text):
        raise BadInput("That text holds control characters or line breaks.", "Write it on one line.")
    return text


def image_name(text: str) -> str:
    """A container image reference such as ``registry.example.org:5000/group/tool:1.2``; empty for none."""
    return check_image(text) if text else text


def duration(text: str) -> float:
    """Seconds from ``90``, ``15m`` or ``6h``."""
    try:
        return parse_duration(text)
    except ValueError:
        raise BadInput(f"'{one_line(text, 40)}' is not a duration.", "Such as 90s, 15m or 6h.") from None


def number(text: str) -> int:
    """A whole number from 1 to 1,000,000."""
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= 1_000_000:
        raise BadInput(f"'{one_line(text, 40)}' is not a number from 1 to 1,000,000.")
    return int(text)


def bound(text: str) -> float:
    """A finite number, such as the end of a range."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadInput(f"'{one_line(text, 40)}' is not a number.")
    return found


def notice(text: str) -> int:
    """A notification's id; ``all`` is read as 0."""
    return 0 if text == "all" else number(text)


def pair(text: str) -> tuple[str, str]:
    """An environment variable as ``NAME=value``."""
    from roforlmao.tools.variables import parse_pair

    return parse_pair(text)


def argument(text: str) -> str:
    """An argument for a tool: any text that a process can be given."""
    if "\0" in text:
        raise BadInput("An argument cannot hold a NUL character.")
    return text


def words(text: str) -> list[str]:
    """Words as a shell would take them apart; nothing in them is carried out."""
    try:
        return shlex.split(text)
    except ValueError:
        raise BadInput(
            "A quotation mark or a backslash has no end.", "Quote words with spaces: 'like this'."
        ) from None


def endpoint(text: str) -> str:
    """``host:port`` of a member of the cluster."""
    try:
        return check_endpoint(text)
    except ValueError:
        raise BadInput(f"'{one_line(text, 40)}' is not an endpoint.", _endpoint_hint(text)) from None


def _endpoint_hint(text: str) -> str:
    if "/" in text:
        return "Leave out http:// and any path: such as etcd.example.org:2379."
    if ":" not in text:
        return "It has no port: such as etcd.example.org:2379."
    return "Such as etcd.example.org:2379."


def namespace(text: str) -> str:
    """Where a federation's keys begin."""
    rule = SCHEMA["registry.namespace"]
    try:
        return str(rule.check(text))
    except ValueError:
        raise BadInput(f"'{one_line(text, 40)}' is not a namespace.", f"It is {rule.allowed}.") from None


def path(text: str) -> Path:
    """A path of the operator's own machine, made absolute."""
    if not text or "\0" in text:
        raise BadInput("That is not a path.", "Name a file or directory.")
    return Path(text).expanduser().absolute()
