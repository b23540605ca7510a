"""Whether an image is in its registry: asked of a real docker-registry on loopback."""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roforlmao.errors import Unreachable
from roforlmao.imagename import parse_reference
from roforlmao.tools.image import image_reachable, image_url


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("busybox", "https://registry-1.docker.io/v2/library/busybox/manifests/latest"),
        ("panosece/spike:1.2", "https://registry-1.docker.io/v2/panosece/spike/manifests/1.2"),
        ("ghcr.io/o/r", "https://ghcr.io/v2/o/r/manifests/latest"),
        ("localhost:5000/a/b:c", "http://localhost:5000/v2/a/b/manifests/c"),
        ("h:5/x@sha256:" + "0" * 64, "https://h:5/v2/x/manifests/sha256:" + "0" * 64),
    ],
)
def test_an_image_name_leads_to_its_manifest(image: str, url: str) -> None:
    reference = parse_reference(image)
    assert image_url(reference, f"manifests/{reference.version}") == url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed (apt install docker-registry)")
    directory, port = tmp_path_factory.mktemp("registry"), free_port()
    configuration = directory / "config.yml"
    configuration.write_text(
        f"version: 0.1\nhttp: {{addr: 127.0.0.1:{port}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {directory}}}}}\n"
    )
    with subprocess.Popen(
        [program, "serve", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(port)
            push_empty_image(port)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("docker-registry did not start")


def push_empty_image(port: int) -> None:
    """The smallest image: a configuration without layers."""
    link = http.client.HTTPConnection("127.0.0.1", port)
    blob = b"{}"
    digest = "sha256:" + hashlib.sha256(blob).hexdigest()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": len(blob),
        "digest": digest,
    }
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}
    link.request("POST", "/v2/group/tool/blobs/uploads/")
    answer = link.getresponse()
    answer.read()
    place = answer.headers["Location"].removeprefix(f"http://127.0.0.1:{port}")
    link.request("PUT", f"{place}&digest={digest}", blob, {"Content-Type": "application/octet-stream"})
    assert link.getresponse().read() == b""
    link.request("PUT", "/v2/group/tool/manifests/1", json.dumps(manifest), {"Content-Type": kind})
    assert link.getresponse().status == 201
    link.close()


def test_an_image_that_is_there_is_found(registry: str) -> None:
    image_reachable(f"{registry}/group/tool:1", timeout=5)
    with pytest.raises(Unreachable, match="no such image"):
        image_reachable(f"{registry}/group/tool:2", timeout=5)
    with pytest.raises(Unreachable, match="no such image"):
        image_reachable(f"{registry}/group/other", timeout=5)


def test_a_registry_that_is_not_there_or_silent_is_said_within_the_timeout(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="does not answer"):
        image_reachable(f"127.0.0.1:{free_port()}/x", timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="does not answer"):
            image_reachable(f"127.0.0.1:{silent.getsockname()[1]}/x", timeout=0.5)
        assert time.monotonic() - began < 3
