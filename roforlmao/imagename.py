"""Names of container images: what is allowed, and their parts.

Source: the grammar of https://github.com/distribution/reference (``regexp.go``, ``reference.go``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roforlmao.errors import BadInput
from roforlmao.text import one_line

HUB_HOST = "registry-1.docker.io"
"""Where names without a host lead."""
_LIMIT = 255  # characters of host and path together
_TAG_LIMIT = 128
_WORD = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?"
_NAME = re.compile(
    rf"(?P<path>(?:{_HOST}/)?{_WORD}(?:/{_WORD})*)"
    rf"(?::(?P<tag>\w[\w.-]{{0,{_TAG_LIMIT - 1}}}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)
_HINT = "Such as group/tool:1.2 or registry.example.org:5000/group/tool."


@dataclass(frozen=True)
class Reference:
    """``host/path:tag`` or ``host/path@digest``, taken apart; ``host`` is never empty.

    ``repository`` is the name without tag and digest, as an engine writes it.
    """

    host: str
    path: str
    tag: str
    digest: str
    repository: str

    @property
    def version(self) -> str:
        """Digest, tag or ``latest``: the digest decides where there are both."""
        return self.digest or self.tag or "latest"


def check_image(text: str) -> str:
    """The name itself. Errors: BadInput, which says what is wrong with it."""
    if not text:
        raise BadInput("The name of the image is empty.", _HINT)
    if len(text) > _LIMIT + _TAG_LIMIT + len("@sha256:") + 64:
        raise BadInput(f"The name of the image is {len(text):,} characters long.", f"At most {_LIMIT}.")
    found = _NAME.fullmatch(text)
    if found is None:
        raise BadInput(f"'{one_line(text, 60)}' is not the name of an image: {_fault(text)}.", _HINT)
    if len(found["path"]) > _LIMIT:
        raise BadInput(
            f"The name of the image is {len(found['path'])} characters long.", f"At most {_LIMIT}."
        )
    return text


def _fault(text: str) -> str:
    if any(not character.isprintable() for character in text):
        return "it holds control characters"
    if any(character.isspace() for character in text):
        return "it holds spaces"
    if text.startswith("-"):
        return "it begins with '-'"
    if "://" in text:
        return "it begins with a scheme"
    if any(character.isupper() for character in text.rpartition("/")[2].partition(":")[0]):
        return "it has capital letters"
    return "only small letters, digits, '.', '_', '-', '/', one ':tag' and one '@digest' may be in it"


def parse_reference(image: str) -> Reference:
    """The parts of an image name; without a host it is Docker Hub's. Errors: BadInput."""
    found = _NAME.fullmatch(check_image(image))
    assert found is not None, "check_image has matched it"  # noqa: S101 (for the type checker)
    repository = found["path"]
    first, slash, rest = repository.partition("/")
    has_host = slash and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if has_host else (HUB_HOST, repository)
    if not has_host and not slash:
        path = f"library/{path}"
    return Reference(host, path, found["tag"] or "", found["digest"] or "", repository)
