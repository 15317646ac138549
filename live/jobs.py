"""Files that take a while to make: one thread a job, two at work at a time, what is made is kept for an hour."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gan_core.export import Cancelled, Options, export, file_name, missing, step_of
from gan_core.sentences import Sentence
from gan_core.store import RunStore

AT_ONCE = 2
"""Jobs at work; further ones wait."""
A_BROWSER = 4
"""Unfinished jobs that one browser may have."""
KEPT_S = 3600.0
END_S = 0.3
"""How long the end of the process waits for jobs to notice that they are not wanted any more."""

JobState = Literal["waiting", "working", "done", "failed", "cancelled"]
UNFINISHED: tuple[JobState, ...] = ("waiting", "working")


@dataclass(frozen=True)
class Job:
    """A file that is made, was made, or could not be."""

    job_id: str
    browser: str
    """Whose it is."""
    run_id: str
    kind: str
    options: Options
    step: int | None = None
    """The step of the run that its file is of; None before it is at work."""
    done: int = 0
    total: int = 0
    """How far it is; a total of 0 means that nobody knows yet."""
    state: JobState = "waiting"
    message: str = ""
    """Why it failed, as a sentence."""
    path: Path | None = None
    """The file, once it is done."""
    ended_at: float = 0.0
    """On the clock of the jobs."""

    @property
    def unfinished(self) -> bool:
        """Whether it waits or works."""
        return self.state in UNFINISHED


class Jobs:
    """Makes files of runs in the background. All methods may be called from any thread."""

    def __init__(self, store: RunStore, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self._clock = clock
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._unwanted: set[str] = set()
        self._threads: list[threading.Thread] = []
        self._folder: Path | None = None
        self._closed = False

    def start(self, browser: str, run_id: str, *, kind: str, options: Options) -> Job:
        """Begin a job, now or as soon as there is room; ValueError, saying why, where it cannot be."""
        if reason := missing(kind, self.store, run_id):
            raise ValueError(reason)
        job = Job(secrets.token_hex(8), browser, run_id, kind, options)
        with self._changed:
            self._tidy()
            if self._closed:
                raise ValueError(Sentence("The server is about to end and makes no more files."))
            if sum(other.unfinished for other in self.of(browser)) >= A_BROWSER:
                raise ValueError(
                    Sentence("{count} files of yours are still being made. Wait for one of them, or cancel it.", count=A_BROWSER)
                )
            self._jobs[job.job_id] = job
            thread = threading.Thread(target=self._run, args=(job,), name=f"job {kind} of {run_id}", daemon=True)
            self._threads = [other for other in self._threads if other.is_alive()] + [thread]
            thread.start()
        return job

    def cancel(self, job_id: str, browser: str) -> None:
        """Give up a job of that browser's; nothing of it is left. One that has ended stays as it is."""
        with self._changed:
            job = self._jobs.get(job_id)
            if job is not None and job.browser == browser and job.unfinished:
                self._unwanted.add(job_id)
                self._changed.notify_all()

    def get(self, job_id: str) -> Job | None:
        """The job as it is now; None where it was forgotten."""
        with self._changed:
            self._tidy()
            return self._jobs.get(job_id)

    def of(self, browser: str) -> tuple[Job, ...]:
        """The jobs of a browser, oldest first."""
        with self._changed:
            self._tidy()
            return tuple(job for job in self._jobs.values() if job.browser == browser)

    def wait_for(self, job_id: str, timeout: float) -> Job:
        """The job, as soon as it has ended or after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._jobs[job_id].unfinished, timeout)
            return self._jobs[job_id]

    def close(self) -> None:
        """Give up every job and remove all files; nothing can be begun after it."""
        with self._changed:
            self._closed = True
            self._unwanted |= self._jobs.keys()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not any(job.unfinished for job in self._jobs.values()), END_S)
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, job: Job) -> None:
        state: JobState = "failed"
        message: str = Sentence("Something unexpected went wrong. The server's log says more.")
        path: Path | None = None
        try:
            folder = self._admitted(job.job_id)
            path = folder / file_name(job.kind, job.run_id)
            self._change(job.job_id, step=step_of(job.kind, self.store, job.run_id, job.options))
            export(self.store, job.run_id, kind=job.kind, path=path, options=job.options, progress=self._progress(job.job_id))
            state, message = "done", ""
        except Cancelled:
            state, message = "cancelled", ""
        except (ValueError, RuntimeError, OSError) as error:
            message = str(error) or type(error).__name__
        finally:
            self._change(job.job_id, state=state, message=message, path=path if state == "done" else None, ended_at=self._clock())

    def _admitted(self, job_id: str) -> Path:
        """A folder for the job's file, as soon as fewer than AT_ONCE jobs are at work; Cancelled where nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: job_id in self._unwanted or self._at_work() < AT_ONCE)
            if job_id in self._unwanted:
                raise Cancelled
            self._change(job_id, state="working")
            self._folder = self._folder or Path(tempfile.mkdtemp(prefix="ganscope-"))
            folder = self._folder / job_id
            folder.mkdir()
            return folder

    def _progress(self, job_id: str) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            with self._changed:
                if job_id in self._unwanted:
                    raise Cancelled
                self._change(job_id, done=done, total=total)

        return progress

    def _at_work(self) -> int:
        return sum(job.state == "working" for job in self._jobs.values())

    def _change(self, job_id: str, **changes: object) -> None:
        with self._changed:
            self._jobs[job_id] = dataclasses.replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]
            self._changed.notify_all()

    def _tidy(self) -> None:
        # Under the lock. Whoever looks for a job throws out what has been lying around for too long.
        for job in list(self._jobs.values()):
            if not job.unfinished and self._clock() - job.ended_at > KEPT_S:
                del self._jobs[job.job_id]
                self._unwanted.discard(job.job_id)
                if self._folder is not None:
                    shutil.rmtree(self._folder / job.job_id, ignore_errors=True)
