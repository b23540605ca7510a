"""A certificate authority of a test's own, and what it signs, made with openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def authority(place: Path) -> None:
    """``ca.crt`` and ``ca.key``; skips the test where openssl is not installed."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    place.mkdir(parents=True, exist_ok=True)
    _openssl(
        place,
        "req",
        "-x509",
        "-out",
        "ca.crt",
        "-keyout",
        "ca.key",
        "-subj",
        "/CN=test authority",
        "-days",
        "2",
    )


def signed(place: Path, name: str, host: str = "127.0.0.1", days: int = 2) -> None:
    """``name.crt`` and ``name.key`` for that address, signed by the authority in ``place``."""
    kind = "IP" if host.replace(".", "").isdigit() else "DNS"
    (place / f"{name}.ext").write_text(f"subjectAltName={kind}:{host}\n", encoding="ascii")
    _openssl(place, "req", "-new", "-out", f"{name}.csr", "-keyout", f"{name}.key", "-subj", f"/CN={name}")
    signing = [
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        f"{name}.ext",
        "-days",
        str(days),
    ]
    _openssl(place, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signing)


def _openssl(place: Path, command: str, *arguments: str) -> None:
    fresh = (
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] if command == "req" else []
    )
    subprocess.run(["openssl", command, *fresh, *arguments], cwd=place, check=True, capture_output=True)
