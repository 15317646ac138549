"""Saved sources, SIGTERM and kill -9: the run is one, and it is kept."""

from __future__ import annotations

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from gan_core.store import RunStore

pytestmark = pytest.mark.browser

LINK = "/?data=digits&network=mlp&width=32&batch_size=32&threads=1"
ROOT = Path(__file__).parents[2]
PARTS = ("app.py", "gan_core", "live", "pages", "ui", ".streamlit")
WINDOW_MS = 1500


def started(visit, server):
    """A tab that has just started a run."""
    screen = visit(LINK, server=server)
    screen.press("start")
    screen.trains()
    screen.until("() => new URL(location).searchParams.has('run')")
    return screen


def add(path, text):
    """Save a source file with something added to its end."""
    path.write_text(path.read_text() + text)


def cpu_s(process):
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def watches(process):
    """How many folders and files the system tells a process of."""
    count = 0
    for path in Path(f"/proc/{process.pid}/fdinfo").iterdir():
        with suppress(OSError):  # closed meanwhile
            count += path.read_text().count("inotify wd:")
    return count


def test_a_visit_sets_no_watch_on_any_folder(visit, server):
    visit(LINK).offers("start")
    assert watches(server.process) == 0, "below this folder there may be a .venv with thousands"


@pytest.mark.slow
def test_saving_a_source_file_leaves_one_trainer(visit, own_server, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, source / part)
    server = own_server(source, "--server.fileWatcherType", "auto")  # as somebody who edits the app has it
    screen = started(visit, server)
    assert watches(server.process) > 0
    run_id, step = screen.run_id, screen.number("step")

    add(source / "gan_core" / "step.py", "\n# saved\n")
    add(source / "ui" / "text.py", '\nSAVED = "saved once"\n')
    add(source / "pages" / "train.py", '\nimport ui.text\nst.caption(getattr(ui.text, "SAVED", "saved in part"))\n')
    mark = screen.page.get_by_text("saved once")
    for _ in range(60):
        screen.page.get_by_role("heading", name="Train", exact=True).click()
        screen.page.keyboard.press("r")  # the page is drawn again, as at any click
        screen.page.wait_for_timeout(500)  # until the watcher has seen the file; it is asked again, not trusted
        if mark.count():
            break
    mark.wait_for()
    assert screen.reaches("step", step + 50) > step
    assert server.run_ids() == {run_id} and screen.run_id == run_id

    # Paused, the process has nothing to do: a trainer left behind would use a processor.
    screen.press("pause")
    screen.is_in("paused")
    screen.offers("resume")
    for _ in range(20):  # the first window still holds the end of a chunk and the page's new buttons
        before = cpu_s(server.process)
        screen.page.wait_for_timeout(WINDOW_MS)
        if (used := cpu_s(server.process) - before) < 0.3 * WINDOW_MS / 1000:
            break
    else:
        pytest.fail(f"a paused server used {used:.1f} s of processor time in {WINDOW_MS / 1000} s")
    screen.press("resume")
    screen.trains()
    screen.press("stop")
    screen.is_in("stopped")
    begun = [event for event in RunStore(server.runs).events(run_id) if event["event"] == "started"]
    assert len(begun) == 1


@pytest.mark.slow
def test_sigterm_ends_the_server_with_the_run_saved(visit, own_server):
    server = own_server()
    screen = started(visit, server)
    run_id = screen.run_id
    server.end(signal.SIGTERM)
    status = server.status(run_id)
    assert status["state"] == "stopped" and status["checkpoint_step"] == status["step"] > 0
    assert RunStore(server.runs).checkpoint(run_id).place.step == status["step"]


@pytest.mark.slow
def test_a_killed_run_is_interrupted_and_goes_on(visit, own_server):
    server = own_server()
    screen = started(visit, server)
    run_id = screen.run_id
    screen.until_on_disk(lambda: server.status(run_id)["checkpoint_step"] > 0, "a checkpoint")
    screen.trains(20)
    server.end(signal.SIGKILL)
    screen.page.close()
    saved = RunStore(server.runs).checkpoint(run_id).place.step
    assert saved > 0

    server.start()
    screen = visit("/runs", server=server)
    card = screen.page.locator(f".st-key-run-{run_id}")
    card.get_by_text("interrupted").wait_for()
    # Streamlit forgets a page's pictures when it is left: one that is still on its way then is missed (HTTP 404).
    screen.until("() => [...document.images].every(image => image.complete)")
    screen.press(f"continue-{run_id}")
    screen.offers("pause", "stop")
    screen.reaches("step", saved + 50)
    screen.until(f"() => document.querySelector('.gs-plot')?.data?.[1].x.at(-1) > {saved}")
    steps = screen.plot("Array.from(plot.data[1].x)")
    assert steps == sorted(set(steps)) and steps[0] < saved < steps[-1]
    screen.press("stop")
    screen.is_in("stopped")
    rows = RunStore(server.runs).history(run_id).since(None)
    steps = rows.values[:, 0].tolist()
    assert steps == sorted(set(steps)) and steps[0] < saved < steps[-1]
    begun = [event["step"] for event in RunStore(server.runs).events(run_id) if event["event"] == "started"]
    assert begun == [0, saved]
