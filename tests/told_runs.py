"""A run on disk whose players are told the class, for pages that show it, and what such a page hands to its view."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from test_app import Visitor

from gan_core.config import RunConfig
from gan_core.events import Place, Started
from gan_core.streams import shown_labels, shown_z
from live.manager import LiveManager

CLASSES = ("circles", "squares", "crosses")


def told_run(live: LiveManager) -> str:
    """The id of a stopped run that has begun, and kept nothing."""
    record = live.store.new(RunConfig(data="glyphs", conditional="yes", latent_dim=4, threads=1))
    channels, height, width = record.config.shape
    reals, labels = np.zeros((64, height, width, channels), np.uint8), tuple(shown_labels("image", len(CLASSES)).tolist())
    z = shown_z("image", 4).numpy()
    record.append(Started(Place(0, 0.0, 0, 0.0), "image", "cpu", 1, 100, 1, 1, reals, z, {}, CLASSES, labels))
    record.close("stopped", "")
    return record.run_id


def handed(page: Visitor) -> dict[str, Any]:
    """What the view in the browser is given; nothing where it is not on the page."""
    found = [element for element in page.at.main.children.values() if element.type == "bidi_component"]
    return json.loads(found[0].proto.json) if found else {}
