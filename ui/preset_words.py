"""What the menu says of a preset."""

from __future__ import annotations

from gan_core.config import PRESETS, Preset
from ui.amounts import duration
from ui.text import _


def title(name: str) -> str:
    """Its title, and whether nobody has tried it yet."""
    words = _(PRESETS[name].title)
    return words if PRESETS[name].tried else _("{preset} (untested here)").format(preset=words)


def help_of(preset: Preset) -> str:
    """What it is, what to look at, and how long that takes."""
    time = duration(preset.seconds)
    took = _("About {time} on a GPU.").format(time=time) if preset.gpu else _("About {time} on one processor core.").format(time=time)
    return "\n\n".join([_(preset.help), _(preset.look), took])
