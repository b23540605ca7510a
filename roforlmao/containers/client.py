"""The SDK's client with the two things changed that keep a launcher from hanging."""

from __future__ import annotations

import warnings
from typing import Any

import docker
import requests

from roforlmao.containers.engine import STALL_S

# A credential helper that is missing raises as well, and that we tell; the warning would hit the screen.
warnings.filterwarnings("ignore", message=r"docker-credential-\S+ not installed")


class Client(docker.APIClient):  # type: ignore[misc]  # it carries no types
    """``docker.APIClient`` whose pulls end when nothing comes.

    The SDK sends them without any time limit (``timeout=None`` in ``docker/api/image.py``), so that
    a registry which stalls would hold the launcher for ever.
    """

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None and "/images/create?" in str(request.url):
            kwargs["timeout"] = STALL_S
        answer: requests.Response = super().send(request, **kwargs)
        return answer
