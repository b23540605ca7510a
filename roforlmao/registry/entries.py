"""Registry values as models and back: tolerant of how people write them, strict about what is safe.

A value that cannot be used raises ``BadInput`` with one sentence; it is never evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from roforlmao.errors import BadInput
from roforlmao.experiment import Experiment
from roforlmao.imagename import check_image
from roforlmao.models import Announcement, Dataset, Kind, Retraction, Tool, as_json
from roforlmao.names import check_date, check_name, check_url
from roforlmao.registry.base import Record
from roforlmao.registry.fields import count_of, operator_name, rest_of, text_of
from roforlmao.registry.signatures import FIELD, Signer
from roforlmao.registry.values import Fields, kind_of, read_object
from roforlmao.text import one_line

TOOL_FIELDS: Final = (
    "author",
    "image",
    "data_repo",
    "code_repo",
    "artefact",
    "description",
    "kind",
    "registered_by",
    "registered_at",
)
DATASET_FIELDS: Final = ("url", "description", "registered_by", "registered_at")
EXPERIMENT_FIELDS: Final = (
    "tool",
    "command",
    "args",
    "env",
    "rule",
    "hub",
    "expected",
    "description",
    "registered_by",
    "registered_at",
)
ANNOUNCEMENT_FIELDS: Final = ("url", "commit", "rows", "verdict", "retracted", "origin")
_ALWAYS: Final = ("author", "image", "data_repo", "code_repo", "artefact", "url", "commit", "rows", "verdict")

_NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    Tool: TOOL_FIELDS,
    Dataset: DATASET_FIELDS,
    Announcement: ANNOUNCEMENT_FIELDS,
    Experiment: EXPERIMENT_FIELDS,
}

_COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")


@dataclass(frozen=True)
class Rules:
    """Whose entries may name places on this machine: the operator's own, or everybody's.

    With a ``signer`` what is written is signed, and own is only what that key signed.
    """

    operator: str
    allow_local: bool
    signer: Signer | None = None

    def local(self, owner: str) -> bool:
        return self.allow_local or owner == self.operator != ""

    def for_entry(self, key: str, value: bytes) -> Rules:
        """The rules for what was read there: nobody becomes the operator by writing their name."""
        if self.signer is None or self.allow_local or not _names_places(value):
            return self
        return self if self.signer.is_own(key, value) else replace(self, operator="")

    def encode(self, key: str, model: Tool | Dataset | Announcement | Experiment) -> bytes:
        """The value to write at that key. Errors: ConfigurationError where the key does not sign."""
        value = encode(model)
        return value if self.signer is None else self.signer.sealed(key, value)

    def is_said(self, record: Record, model: Tool | Dataset | Announcement | Experiment) -> bool:
        """Whether the record says just that already, signed or unsigned as this operator would write it."""
        try:
            found = read_object(record.value, "url")
        except BadInput:
            return False
        signed = found.pop(FIELD, None) is not None
        if found != json.loads(encode(model)) or signed != (self.signer is not None):
            return False
        return self.signer is None or self.signer.is_own(record.key, record.value)


def _names_places(value: bytes) -> bool:
    """Whether a field of it is a path on a machine, in a form that is taken as a URL."""
    try:
        fields = read_object(value, "url")
    except BadInput:
        return False
    return any(isinstance(text, str) and text.startswith(("file:", "/")) for text in fields.values())


def _checked(fields: Mapping[str, Any], name: str, check: Callable[[str], str]) -> str:
    found = text_of(fields, name)
    try:
        return check(found) if found else ""
    except BadInput as error:
        raise BadInput(f"In its '{name}': {error.message}", error.hint) from error


def _commit(text: str) -> str:
    if not _COMMIT.fullmatch(text):
        raise BadInput(f"'{one_line(text, 40)}' is not the id of a commit.")
    return text


def decode_tool(name: str, value: bytes, rules: Rules) -> Tool:
    """Errors: BadInput."""
    return tool_of(name, read_object(value, "code_repo"), rules)


def tool_of(name: str, fields: Mapping[str, Any], rules: Rules) -> Tool:
    """The tool that the fields describe, checked. Errors: BadInput."""
    check_name(name, "tool name")
    registered_by = _checked(fields, "registered_by", operator_name)

    def url(text: str) -> str:
        return check_url(text, local=rules.local(registered_by))

    image = _checked(fields, "image", check_image)
    code_repo = _checked(fields, "code_repo", url)
    return Tool(
        name=name,
        author=text_of(fields, "author"),
        image=image,
        data_repo=_checked(fields, "data_repo", url),
        code_repo=code_repo,
        artefact=text_of(fields, "artefact"),
        description=text_of(fields, "description"),
        kind=_tool_kind(text_of(fields, "kind"), image, code_repo),
        registered_by=registered_by,
        registered_at=text_of(fields, "registered_at"),
        extra=rest_of(fields, TOOL_FIELDS),
    )


def _tool_kind(said: str, image: str, code_repo: str) -> Kind:
    if said not in ("", "script", "container"):
        raise BadInput(f"Its 'kind' is '{one_line(said, 40)}', neither 'script' nor 'container'.")
    if said == "container" or (not said and image):
        if not image:
            raise BadInput("A container tool needs an 'image'.")
        return "container"
    if not code_repo:
        raise BadInput("A tool needs an 'image', or a 'code_repo' with its script.")
    return "script"


def decode_dataset(name: str, value: bytes, rules: Rules) -> Dataset:
    """Errors: BadInput."""
    return dataset_of(name, read_object(value, "url"), rules)


def dataset_of(name: str, fields: Mapping[str, Any], rules: Rules) -> Dataset:
    """The dataset that the fields describe, checked. Errors: BadInput."""
    check_name(name, "dataset name")
    registered_by = _checked(fields, "registered_by", operator_name)
    return Dataset(
        name=name,
        url=_needed_url(fields, rules.local(registered_by)),
        description=text_of(fields, "description"),
        registered_by=registered_by,
        registered_at=text_of(fields, "registered_at"),
        extra=rest_of(fields, DATASET_FIELDS),
    )


def decode_announcement(place: tuple[str, str, str], value: bytes, rules: Rules) -> Announcement:
    """``place`` is hub, date and operator, as the key says. Errors: BadInput."""
    return announcement_of(place, read_object(value, "url"), rules)


def announcement_of(place: tuple[str, str, str], fields: Mapping[str, Any], rules: Rules) -> Announcement:
    """The announcement that the fields describe, checked. Errors: BadInput."""
    hub, date, operator = place
    return Announcement(
        hub=check_name(hub, "hub name"),
        date=check_date(date),
        operator=operator_name(operator),
        url=_needed_url(fields, rules.local(operator)),
        commit=_checked(fields, "commit", _commit),
        rows=count_of(fields, "rows"),
        verdict=text_of(fields, "verdict"),
        retracted=_retraction(fields.get("retracted")),
        origin=_checked(fields, "origin", operator_name),
        extra=rest_of(fields, ANNOUNCEMENT_FIELDS),
    )


def _needed_url(fields: Mapping[str, Any], local: bool) -> str:
    url = _checked(fields, "url", lambda text: check_url(text, local=local))
    if not url:
        raise BadInput("It has no 'url'.")
    return url


def _retraction(found: Any) -> Retraction | None:
    """An object, or the bare reason, which then holds whatever the commit."""
    if not found:
        return None
    if isinstance(found, str):
        return Retraction(found)
    if not isinstance(found, dict):
        raise BadInput(f"Its 'retracted' is {kind_of(found)}, not an object.")
    return Retraction(text_of(found, "reason"), text_of(found, "at"), _checked(found, "commit", _commit))


def encode(model: Tool | Dataset | Announcement | Experiment) -> bytes:
    """The JSON value; fields of other launchers in ``extra`` stand first and stay."""
    names = _NAMES[type(model)]
    own = {name: as_json(getattr(model, name, None)) for name in names}
    if isinstance(model, Experiment):
        bounds = {"low": model.low, "high": model.high}
        own["expected"] = {name: bound for name, bound in bounds.items() if bound is not None}
    shown = {name: value for name, value in own.items() if value or name in _ALWAYS}
    fields = {**model.extra, **shown}
    try:
        return json.dumps(fields, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can write but UTF-8 cannot
        return json.dumps(fields).encode("ascii")


def unknown_fields(value: bytes, known: tuple[str, ...]) -> Fields:
    """What a rewrite has to keep of a value, also of one that cannot be used otherwise."""
    try:
        return rest_of(read_object(value, known[0]), known)
    except BadInput:
        return {}
