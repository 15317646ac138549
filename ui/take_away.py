"""Taking a run along: choose what, wait while it is made, download it. And letting a run in that was taken along elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from gan_core.export import EXPORTS, KINDS, Options, export_bytes, file_name, missing, step_of
from gan_core.export.arrive import import_run
from gan_core.export.base import FPS, WHOSE
from live.jobs import Job
from ui import downloads, session
from ui.amounts import size
from ui.text import N_, _, said

EVERY_S = 0.5
"""How often a bar is drawn anew while something is made."""
AT_ONCE_S = 0.4
"""What is made within this time is there with the next look, without a bar."""
WEIGHTS_WORDS = {"averaged": N_("averaged"), "living": N_("living")}


def button(run_id: str, kind: Literal["secondary", "tertiary"] = "secondary") -> None:
    """The button "Take away" of a run, and the dialog behind it, which stays open while the page is drawn again."""
    st.button(_("Take away"), icon=":material/download:", key=f"take-{run_id}", type=kind, on_click=_open, args=(run_id,))
    if st.session_state.get("taking") == run_id:
        st.dialog(_("Take away"), on_dismiss=_dismissed)(panel)(run_id)


def _open(run_id: str) -> None:
    session.put(taking=run_id, forking=None)  # a page shows one dialog at a time


def _dismissed() -> None:
    st.session_state.taking = None


def panel(run_id: str) -> None:
    """What can be taken along of a run, for a popover or a dialog."""
    with st.container(key=f"take-away-{run_id}"):
        kind = st.selectbox(_("What"), list(EXPORTS), format_func=lambda name: _(EXPORTS[name].label), key=f"take-kind-{run_id}")
        assert kind is not None
        st.caption(_(EXPORTS[kind].help))
        try:
            if reason := said(missing(kind, session.live().store, run_id)):
                st.info(reason, icon=":material/info:")
            else:
                offer(run_id, kind, _options(run_id, kind))
        except (ValueError, RuntimeError, OSError) as error:
            st.info(said(error), icon=":material/info:")  # somebody has deleted it meanwhile, or there is no room on the disk
        st.caption(_("Or the link to this run, for a browser that reaches this server:"))
        st.code(_link(run_id), language=None, wrap_lines=True)


def _options(run_id: str, kind: str) -> Options:
    """What is chosen about the file."""
    asked = EXPORTS[kind].options
    usual = Options()
    weights, fps, step = usual.weights, usual.fps, usual.step
    if "weights" in asked:
        chosen = st.segmented_control(
            _("Weights"),
            WHOSE,
            format_func=lambda name: _(WEIGHTS_WORDS[name]),
            default=weights,
            required=True,
            key=f"take-weights-{run_id}",
            help=_("Averaged weights draw steadier pictures; the living ones show every jump."),
        )
        weights = chosen or weights
    if "fps" in asked:
        fps = float(st.slider(_("Frames per second"), int(FPS[0]), int(FPS[1]), int(fps), key=f"take-fps-{run_id}"))
    steps = session.live().store.moments(run_id).samples if "step" in asked else []
    if len(steps) > 1:
        step = st.select_slider(_("Step"), steps, steps[-1], format_func="{:,}".format, key=f"take-step-{run_id}")
    return Options(weights=weights, step=step, fps=fps)


def offer(run_id: str, kind: str, options: Options) -> None:
    """A download at once, or the way to one: a button that makes the file, a bar with a way out, the file."""
    if not KINDS[kind].long:
        make = partial(export_bytes, session.live().store, run_id, kind=kind, options=options)
        # A run at work may have thinned a chosen moment away by the time that somebody presses: a file of one is made now.
        data = make() if "step" in KINDS[kind].options else make
        downloads.button(_("Download"), data, file_name(kind, run_id), KINDS[kind].mime, key=f"take-now-{run_id}-{kind}")
        return
    job = newest(run_id, kind, options)
    if job is not None and job.unfinished:
        st.fragment(_working, run_every=EVERY_S)(job.job_id)
        return
    if job is not None and job.state == "failed":
        st.error(said(job.message), icon=":material/error:")
    made = job is not None and _finished(run_id, job)
    if message := st.session_state.pop("take-trouble", None):
        st.error(said(message), icon=":material/error:")
    st.button(
        _("Make it again") if made else _("Make it"),
        key=f"take-make-{run_id}",
        icon=":material/movie:" if "fps" in KINDS[kind].options else ":material/build:",
        type="secondary" if made else "primary",
        on_click=_start,
        args=(run_id, kind, options),
    )


def newest(run_id: str, kind: str, options: Options) -> Job | None:
    """This browser's last job for just this file."""
    jobs = session.live().jobs.of(session.browser())
    return next((job for job in reversed(jobs) if (job.run_id, job.kind, job.options) == (run_id, kind, options)), None)


def step_of_file(run_id: str, kind: str, options: Options) -> int:
    """The step of the run that the file is of which `offer` has, or would make; ValueError where the run is gone."""
    job = newest(run_id, kind, options)
    if job is not None and job.step is not None and job.state in ("working", "done"):
        return job.step
    return step_of(kind, session.live().store, run_id, options)


def _start(run_id: str, kind: str, options: Options) -> None:
    jobs = session.live().jobs
    try:
        jobs.wait_for(jobs.start(session.browser(), run_id, kind=kind, options=options).job_id, AT_ONCE_S)
    except ValueError as error:
        session.put(**{"take-trouble": str(error)})


def _working(job_id: str) -> None:
    """How far a job is; when it has ended, the page is drawn again without a bar."""
    job = session.live().jobs.get(job_id)
    if job is None or not job.unfinished:
        st.rerun()
    words = _("{done} of {total}").format(done=job.done, total=job.total) if job.total else _("Begins")
    if job.state == "waiting":
        words = _("Waits until others are made")
    st.progress(job.done / job.total if job.total else 0.0, text=words)
    st.button(_("Cancel"), key=f"take-cancel-{job_id}", icon=":material/close:", on_click=cancel, args=(job_id,))


def cancel(job_id: str) -> None:
    """For a button: give a job up."""
    jobs = session.live().jobs
    jobs.cancel(job_id, session.browser())
    jobs.wait_for(job_id, AT_ONCE_S)


def _finished(run_id: str, job: Job) -> bool:
    """Whether the job has a file; then the button for it."""
    if job.path is None or not job.path.exists():
        return False
    words = _("Download {size}").format(size=size(job.path.stat().st_size))
    downloads.button(words, job.path.read_bytes, job.path.name, KINDS[job.kind].mime, key=f"take-file-{run_id}")
    now = step_of(job.kind, session.live().store, run_id, job.options)
    if job.step is not None and job.step != now:
        st.caption(_("This file was made at step {then:,}. Made again, it would be of step {now:,}.").format(then=job.step, now=now))
    return True


def _link(run_id: str) -> str:
    """The address of the Train page with this run."""
    here = urlsplit(st.context.url or "")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    server = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return f"{server}/{base}{'/' if base else ''}?run={run_id}"


def import_panel() -> None:
    """Where a run comes in that was taken along as a whole; its id is in `st.session_state.run` then."""
    turn = st.session_state.setdefault("import-turn", 0)
    words = _("A run that was taken along elsewhere, as a zip.")
    st.file_uploader(words, type="zip", key=f"import-{turn}", on_change=_import, args=(f"import-{turn}",))
    if message := st.session_state.pop("import-trouble", None):
        st.error(said(message), icon=":material/error:")
    if run_id := st.session_state.pop("imported", None):
        st.success(_("The run {run} is here. Open it, or go on with it.").format(run=run_id), icon=":material/check_circle:")


def _import(key: str) -> None:
    upload, turn = st.session_state[key], st.session_state["import-turn"]
    if upload is None:
        return
    try:
        run_id = import_run(session.live().store.root, upload, upload.name)
    except ValueError as error:
        session.put(**{"import-trouble": str(error)})
    else:
        session.put(run=run_id, imported=run_id, **{"import-turn": turn + 1})  # an empty uploader for the next one
