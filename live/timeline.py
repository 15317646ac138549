"""The kept moments of a run, for a page that moves through its past: which there are, and strips of their pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gan_core.files import read_json
from gan_core.moments import SAMPLE_ENDINGS, name_of
from gan_core.store import RunStore
from live import manager
from live.frames import Payload, packed
from live.tickets import own_names, same_site

STRIP = 48
"""Moments in one strip, at most: one message stays a few megabytes, whatever the pictures' size."""
WEIGHTS = ("living", "averaged")


async def moments(request: Request) -> Response:
    """Steps of the run's kept moments: with pictures, with an averaged generator, with a checkpoint."""
    return await _answer(request, lambda store, run_id: JSONResponse(vars(store.moments(run_id))))


async def strip(request: Request) -> Response:
    """Pictures, verdicts and places of the moments at `steps` (by commas), drawn with the `weights` asked for, as one frame."""
    texts, weights = request.query_params.get("steps", "").split(","), request.query_params.get("weights", "")
    if weights not in WEIGHTS or not all(text.isdecimal() and len(text) < 12 for text in texts) or len(texts) > STRIP:
        return PlainTextResponse(f"steps: 1 to {STRIP} numbers, by commas; weights: living or averaged", status_code=400)
    steps = [int(text) for text in texts]
    return await _answer(
        request,
        lambda store, run_id: Response(strip_of(store.folder(run_id) / "samples", steps, weights), media_type="application/octet-stream"),
    )


async def _answer(request: Request, make: Callable[[RunStore, str], Response]) -> Response:
    """What `make` makes of the run's store, for pages of ours only."""
    run_id, live = request.path_params["run_id"], manager.get()
    headers = dict(request.headers)
    headers.setdefault("origin", f"{request.url.scheme}://{headers.get('host', '')}")  # browsers send none where a page asks its own server
    if not same_site(headers, own_names()) or not live.tickets.valid(request.query_params.get("ticket", ""), run_id):
        return PlainTextResponse("host, origin or ticket not allowed", status_code=403)
    try:
        return await run_in_threadpool(make, live.store, run_id)
    except ValueError as error:
        return PlainTextResponse(str(error), status_code=404)


def strip_of(folder: Path, steps: list[int], weights: str) -> bytes:
    """One frame with the moments that are there: images as the bytes of their PNG sheet, points as they are."""
    payload, found = Payload(), list[dict[str, Any]]()
    for step in steps:
        try:
            facts = read_json(folder / name_of(step, SAMPLE_ENDINGS[0]))
            picture = _picture(folder / name_of(step, f"-{weights}"))
        except (ValueError, OSError):
            continue  # thinned away since the page asked what there is
        found.append(facts["place"] | {"verdict": facts["verdicts"][weights], "picture": payload.add(picture)})
    return packed({"weights": weights, "moments": found}, payload)


def _picture(stem: Path) -> np.ndarray[Any, Any]:
    sheet = stem.with_suffix(".png")
    if sheet.exists():
        return np.frombuffer(sheet.read_bytes(), np.uint8)
    points: np.ndarray[Any, Any] = np.load(stem.with_suffix(".npy"), allow_pickle=False)
    return points
