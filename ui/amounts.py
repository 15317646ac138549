"""Times and sizes in words, as precise as anyone wants to know them."""

from __future__ import annotations

import time

from ui.text import N_, _, ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400
SIZES = ((1e9, N_("{amount} GB")), (1e6, N_("{amount} MB")), (1e3, N_("{amount} kB")))
AS_DATE = 7 * DAY
"""From this age on a date says more than a count of days."""


def duration(seconds: float) -> str:
    """12 s, 3.4 min, 1.2 h."""
    if seconds < MINUTE:
        return _("{amount} s").format(amount=f"{seconds:.0f}")
    if seconds < HOUR:
        return _("{amount} min").format(amount=two_digits(seconds / MINUTE))
    return _("{amount} h").format(amount=two_digits(seconds / HOUR))


def size(count: float) -> str:
    """12 kB, 3.4 MB, 1.2 GB; a thousand is a thousand."""
    for unit, words in SIZES:
        if count >= unit:
            return _(words).format(amount=two_digits(count / unit))
    return _("{amount} bytes").format(amount=f"{count:.0f}")


def ago(then: float, now: float) -> str:
    """How long ago a moment was (both in seconds since 1970), or its date when that is more than a week."""
    passed = now - then
    if passed < MINUTE:
        return _("just now")
    if passed < HOUR:
        return _("{count} min ago").format(count=int(passed / MINUTE))
    if passed < DAY:
        return _("{count} h ago").format(count=int(passed / HOUR))
    if passed < AS_DATE:
        days = int(passed / DAY)
        return ngettext("{count} day ago", "{count} days ago", days).format(count=days)
    return time.strftime("%Y-%m-%d", time.localtime(then))


def two_digits(value: float) -> str:
    """3.4, 34, 340: a decimal only where it tells something."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
