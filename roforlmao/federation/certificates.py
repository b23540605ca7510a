"""The authority's certificate as text: what an invite may hold of it, its fingerprint and its end."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import ssl
from typing import Final

from roforlmao.errors import BadInput

_BLOCK: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----")
_HINT: Final = "Ask for a new invite, or for the authority's certificate as a PEM file."


def only_certificates(text: str) -> str:
    """The certificates of a PEM text and nothing else: no key, no comment. Errors: BadInput."""
    blocks = _BLOCK.findall(text.replace("\r\n", "\n"))
    if not blocks:
        raise BadInput("The authority's file holds no certificate.", _HINT)
    return "\n".join(blocks) + "\n"


def fingerprint(text: str) -> str:
    """SHA-256 of the first certificate, as ``openssl x509 -fingerprint -sha256`` has it. Errors: BadInput."""
    block = only_certificates(text).split("-----END", 1)[0] + "-----END CERTIFICATE-----\n"
    try:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(block)).hexdigest().upper()
    except ValueError as error:
        raise BadInput("The authority's certificate is damaged.", _HINT) from error
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def check_authority(text: str, now: dt.datetime) -> None:
    """Errors: BadInput where no certificate in it is an authority's, or one is out of its dates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=text)
    except ssl.SSLError as error:
        raise BadInput("The authority's certificate is damaged.", _HINT) from error
    found = context.get_ca_certs()
    if not found:
        raise BadInput("The certificate is not that of an authority.", _HINT)
    for one in found:
        begins, ends = (ssl.cert_time_to_seconds(str(one[key])) for key in ("notBefore", "notAfter"))
        if now.timestamp() > ends:
            raise BadInput(f"The authority's certificate expired on {one['notAfter']}.", _HINT)
        if now.timestamp() < begins:
            raise BadInput(
                f"The authority's certificate is valid only from {one['notBefore']}.",
                "Look at this machine's clock.",
            )
