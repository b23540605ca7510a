"""Whether a container image is in its registry, asked over HTTP without an engine.

Source: the OCI distribution specification, https://github.com/opencontainers/distribution-spec,
and Docker's token authentication, https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from roforlmao.errors import Unreachable
from roforlmao.imagename import Reference, parse_reference
from roforlmao.text import one_line

_ACCEPT = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
_LIMIT = 1_000_000


def image_url(reference: Reference, place: str) -> str:
    """On this machine over http, elsewhere over https, as the engines do."""
    loopback = re.fullmatch(r"(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", reference.host)
    return f"{'http' if loopback else 'https'}://{reference.host}/v2/{reference.path}/{place}"


def image_reachable(image: str, *, timeout: float) -> None:
    """Asks the registry for the image's manifest. ``timeout`` in seconds, for each request.

    Errors: Unreachable, with the reason; BadInput.
    """
    reference = parse_reference(image)
    ImageSource(reference, timeout).get(f"manifests/{reference.version}", method="HEAD")


@dataclass
class ImageSource:
    """The registry of one image; an anonymous token is fetched once it wants one."""

    reference: Reference
    timeout: float
    token: str = ""

    def get(self, place: str, *, method: str = "GET") -> bytes:
        """What lies there, such as ``manifests/latest``; at most 1 MB. Errors: Unreachable."""
        host = self.reference.host
        try:
            found = self._ask(place, method)
            if found is None:
                raise Unreachable(f"{host} wants a login for it, or it does not exist.")
        except urllib.error.HTTPError as error:
            reason = "has no such image" if error.code == 404 else f"answers {error.code}"
            raise Unreachable(f"{host} {reason}.", "Check name and tag.") from error
        except (OSError, ValueError) as error:
            reason = one_line(str(getattr(error, "reason", error)), 100)
            raise Unreachable(f"{host} does not answer ({reason}).", "Check the host's name.") from error
        return found

    def _ask(self, place: str, method: str) -> bytes | None:
        """None where it is not given without a login."""
        request = urllib.request.Request(  # noqa: S310 (http or https by construction)
            image_url(self.reference, place), method=method, headers={"Accept": _ACCEPT}
        )
        if self.token:
            # Not to be handed to the store that a registry may redirect to.
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 (as above)
                return bytes(answer.read(_LIMIT))
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 401:
                    raise
                challenge = error.headers.get("WWW-Authenticate", "")
        before, self.token = self.token, _token(challenge, self.timeout)
        return self._ask(place, method) if self.token and not before else None


def _token(challenge: str, timeout: float) -> str:
    """An anonymous token from where the challenge points to; empty where it offers none."""
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = fields.pop("realm", "")
    if not challenge.lower().startswith("bearer ") or not realm.startswith("https://"):
        return ""
    query = urllib.parse.urlencode({key: fields[key] for key in ("service", "scope") if key in fields})
    try:
        with urllib.request.urlopen(f"{realm}?{query}", timeout=timeout) as answer:  # noqa: S310 (https only)
            found = json.loads(answer.read(_LIMIT))
    except urllib.error.HTTPError as error:
        error.close()
        return ""
    token = found.get("token") or found.get("access_token") if isinstance(found, dict) else ""
    return token if isinstance(token, str) and token.isprintable() else ""
