"""The coach on the screen: its words in the reader's language, and what its button does."""

from __future__ import annotations

from gan_core.findings import FINDINGS
from ui import fork, session
from ui.text import _


def findings() -> dict[str, dict[str, str]]:
    """The words of each finding; what stands in {braces} is filled in by the browser."""
    return {
        code: {"tone": kind.tone, "title": _(kind.title), "sentence": _(kind.sentence), "why": _(kind.why), "numbers": _(kind.numbers)}
        for code, kind in FINDINGS.items()
    }


def help_out(run_id: str, number: int, how: str) -> None:
    """Carry out what the run's saying of that number advises: turn the knob, or open the fork's dialog with it."""
    live = session.live()
    try:
        sayings = live.view(run_id).snapshot().coach
        found = next((saying for saying in sayings if saying.number == number), None)
        if found is None or found.remedy is None:  # it took its advice back meanwhile
            return
        if how == "turn":
            live.turn(run_id, session.browser(), found.remedy.name, found.remedy.new)
        else:
            fork.ask(run_id, found.since, found.remedy)
    except ValueError as error:
        session.put(trouble=str(error))
