"""Only a page of ours opens a socket of ours."""

from __future__ import annotations

import socket
import stat
import time
from pathlib import Path

import pytest

from live.tickets import LIFETIME_S, Tickets, own_names, same_site

NAMES = frozenset({"localhost", "lab-pc"})


@pytest.fixture
def tickets(tmp_path: Path) -> Tickets:
    return Tickets(tmp_path / "secret")


def test_a_ticket_opens_its_run(tickets: Tickets) -> None:
    assert tickets.valid(tickets.issue("run"), "run")


def test_a_ticket_opens_no_other_run(tickets: Tickets) -> None:
    assert not tickets.valid(tickets.issue("run"), "other")
    assert not tickets.valid(tickets.issue("run"), "run\n")


def test_a_ticket_ends(tickets: Tickets) -> None:
    now = time.time()
    assert not tickets.valid(tickets.issue("run", now - LIFETIME_S - 3600), "run")
    assert tickets.valid(tickets.issue("run", now - LIFETIME_S + 3660), "run")


def test_a_rerun_in_the_same_hour_gets_the_same_ticket(tickets: Tickets) -> None:
    assert tickets.issue("run", 7200) == tickets.issue("run", 7200 + 3599) != tickets.issue("run", 7200 + 3600)


def test_a_changed_ticket_opens_nothing(tickets: Tickets) -> None:
    end, _, signature = tickets.issue("run").partition(".")
    later = f"{int(end) + 3600}.{signature}"
    other = f"{end}.{'0' * len(signature)}"
    for forged in (
        later,
        other,
        f"{end}.",
        f".{signature}",
        end,
        signature,
        f"{end}.{signature}0",
        f"{end}.{signature[:-1]}",
        f"-{end}.{signature}",
    ):
        assert not tickets.valid(forged, "run"), forged


@pytest.mark.parametrize("garbage", ["", ".", "a.b", "٣.x", "1e9.x", "9" * 5000 + ".x", "²³.x", "0x10.x", " 1.x", "99999999999.é", "\x00"])
def test_garbage_opens_nothing_and_breaks_nothing(tickets: Tickets, garbage: str) -> None:
    assert not tickets.valid(garbage, "run")


def test_another_secret_s_ticket_opens_nothing(tickets: Tickets, tmp_path: Path) -> None:
    assert not tickets.valid(Tickets(tmp_path / "another").issue("run"), "run")


def test_tickets_outlive_the_process(tickets: Tickets, tmp_path: Path) -> None:
    assert Tickets(tmp_path / "secret").valid(tickets.issue("run"), "run")


def test_the_secret_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "secret"
    Tickets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    path.chmod(0o644)
    Tickets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("torn", [b"", b"short"])
def test_a_torn_secret_is_not_used(tmp_path: Path, torn: bytes) -> None:
    # An empty secret would be known to everyone.
    path = tmp_path / "secret"
    path.write_bytes(torn)
    Tickets(path)
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# Which site asks


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8501",
        "localhost",
        "LOCALHOST:8501",
        "lab-pc:8501",
        "127.0.0.1:8501",
        "192.168.1.20:8501",
        "10.0.0.1",
        "[::1]:8501",
        "[fe80::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_own_page_may(host: str, scheme: str) -> None:
    assert same_site({"host": host, "origin": f"{scheme}://{host.lower()}"}, NAMES)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://evil.example"),
        ("localhost:8501", "http://localhost:8502"),
        ("localhost:8501", "http://localhost"),
        ("localhost:8501", "http://localhost:8501.evil.example"),
        ("localhost:8501", "http://localhost:8501@evil.example"),
        ("127.0.0.1:8501", "http://localhost:8501"),
        ("evil.example:8501", "http://evil.example:8501"),  # DNS rebinding: its name now leads to this machine
        ("localhost.evil.example", "http://localhost.evil.example"),
        ("127.0.0.1.evil.example", "http://127.0.0.1.evil.example"),
        ("localhost:8501", ""),
        ("localhost:8501", "null"),
        ("localhost:8501", "localhost:8501"),
        ("localhost:8501", "http://[::1"),
        ("localhost:8501", "http://[nonsense]:8501"),
        ("[::1", "http://[::1"),
        ("[nonsense]:8501", "http://[nonsense]:8501"),
        ("", ""),
        ("", "http://"),
        (":8501", "http://:8501"),
        ("local\thost:8501", "http://local\thost:8501"),
        ("℀.example", "http://℀.example"),  # splitting this is an error of its own
    ],
)
def test_nobody_else_may(host: str, origin: str) -> None:
    assert not same_site({"host": host, "origin": origin}, NAMES)


@pytest.mark.parametrize("headers", [{}, {"host": "localhost:8501"}, {"origin": "http://localhost:8501"}])
def test_missing_headers_may_not(headers: dict[str, str]) -> None:
    assert not same_site(headers, NAMES)


def test_this_machine_s_names_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANSCOPE_HOSTS", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "Lab-PC")
    assert own_names() == {"localhost", "lab-pc", "lab-pc.local"}


def test_more_names_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANSCOPE_HOSTS", " GAN.school.example, ,lab ")
    assert {"gan.school.example", "lab"} <= own_names()
    assert "" not in own_names()
    headers = {"host": "gan.school.example", "origin": "https://gan.school.example"}
    assert same_site(headers, own_names())
    monkeypatch.delenv("GANSCOPE_HOSTS")
    assert not same_site(headers, own_names())
