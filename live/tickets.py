"""Signed tickets: a browser that was shown a page of ours may open that run's socket, nobody else.

Streamlit's own checks do not reach custom routes, and a Host check alone does not stop a page that rebinds its name to this
machine, because then Origin equals Host.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

LIFETIME_S = 7 * 24 * 3600
SECRET_BYTES = 32


class Tickets:
    """Issues and checks tickets with a secret kept on disk, readable by its owner alone."""

    def __init__(self, secret_file: Path) -> None:
        self._secret = _secret_of(secret_file)

    def issue(self, run_id: str, now: float | None = None) -> str:
        """A ticket for the socket of one run, valid for a week."""
        end = int(now if now is not None else time.time()) // 3600 * 3600 + LIFETIME_S  # by the hour, so that a rerun gets the same one
        return f"{end}.{self._sign(run_id, end)}"

    def valid(self, ticket: str, run_id: str) -> bool:
        """Whether this ticket opens that run's socket now."""
        end, _, signature = ticket.partition(".")
        if not end.isdecimal() or len(end) > 12 or int(end) < time.time():
            return False
        return hmac.compare_digest(signature.encode(), self._sign(run_id, int(end)).encode())

    def _sign(self, run_id: str, end: int) -> str:
        return hmac.new(self._secret, f"{run_id}\n{end}".encode(), hashlib.sha256).hexdigest()


def _secret_of(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size != SECRET_BYTES:  # torn by a power cut; an empty secret would be everyone's
        path.unlink()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
    except FileExistsError:
        path.chmod(0o600)
    return path.read_bytes()


def own_names() -> frozenset[str]:
    """Names under which this machine may be asked, besides plain addresses: its own, and those in GANSCOPE_HOSTS (by commas)."""
    name = socket.gethostname().lower()
    extra = os.environ.get("GANSCOPE_HOSTS", "").lower().split(",")
    return frozenset({"localhost", name, f"{name}.local", *(host.strip() for host in extra if host.strip())})


def same_site(headers: Mapping[str, str], names: Collection[str]) -> bool:
    """Whether a request comes from a page of ours: Host is a name of ours or a plain address, and Origin is that same host."""
    host, origin = headers.get("host", "").lower(), headers.get("origin", "").lower()
    try:
        return urlsplit(origin).netloc == host and _ours(urlsplit(f"//{host}").hostname or "", names)
    except ValueError:  # no address at all, such as "http://[::1"
        return False


def _ours(name: str, names: Collection[str]) -> bool:
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)  # a rebinding attack needs a name, so a plain address is safe whichever it is
    except ValueError:
        return False
    return True
