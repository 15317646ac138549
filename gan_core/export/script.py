"""A run as a Python script: its settings as a literal, and the loop that plays them."""

from __future__ import annotations

import pprint
from pathlib import Path

from gan_core.export.base import Options, Progress
from gan_core.store import RunStore

TEMPLATE = '''"""GANscope's run {run_id} as a script: put it into GANscope's folder and call python {run_id}.py [STEPS].{past}"""

import sys

from gan_core.config import RunConfig
from gan_core.events import Draw, Finished, Metrics, Set
from gan_core.loop import train
from gan_core.pictures import scatter_image, sheet_image

CONFIG = RunConfig(
{config}
)
STEPS = {steps}
TURNED = {turned}  # step, knob, value: what was changed while it went

steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
events = train(CONFIG, until_step=steps)

for event in events:
    if isinstance(event, Finished):
        samples = events.send(Draw()).averaged
    elif isinstance(event, Metrics):
        step, losses = event.place.step, event.values
        print(f"step {{step:7,}}  D {{losses['loss/critic']:.4f}}  G {{losses['loss/generator']:.4f}}")
        while TURNED and TURNED[0][0] <= step:
            _, name, value = TURNED.pop(0)
            events.send(Set(name, value))

picture = sheet_image(samples) if samples.ndim == 4 else scatter_image(samples)
picture.save("samples.png")
print(f"{{steps:,}} steps; what the generator draws is in samples.png")
'''


def make(store: RunStore, run_id: str, *, path: Path, options: Options, progress: Progress) -> None:
    """A script that trains as long as the run did, prints losses and writes samples.png. Knobs are turned where they were turned."""
    status, config = store.status(run_id), store.config(run_id)
    past = (
        f"\n\nIt was forked from {status.parent} at step {status.fork_step}; here its settings hold from the first step on.\n"
        if status.parent
        else ""
    )
    turned = [(mark.place.step, mark.name, mark.value) for mark in store.past(run_id).marks]
    settings = "\n".join(f"    {name}={value!r}," for name, value in config.to_dict().items())
    text = TEMPLATE.format(run_id=run_id, past=past, config=settings, steps=max(1, status.step), turned=pprint.pformat(turned, width=120))
    path.write_text(text, encoding="utf-8")
    progress(1, 1)
