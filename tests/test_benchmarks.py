"""What the benchmarks reckon with: slopes that one odd reading does not tilt, and delays from a step to its pixel."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from websockets.sync.server import ServerConnection, serve

pytest.importorskip("playwright")

from benchmarks import cpu_floor, gpu_rate
from benchmarks.live_path import Done, delays
from benchmarks.parallel import conditions_of
from benchmarks.scorer import report
from benchmarks.soak import an_hour
from benchmarks.step_rate import COARSE, LOOPS, told

ROOT = Path(__file__).parents[1]


def test_growth_an_hour_is_a_slope_that_one_reading_does_not_tilt() -> None:
    times = [0.0, 60.0, 120.0, 180.0, 240.0]
    assert an_hour(times, [5.0, 6.0, 7.0, 8.0, 9.0]) == pytest.approx(60.0)
    assert an_hour(times, [5.0, 5.0, 90.0, 5.0, 5.0]) == 0.0


def test_a_step_is_shown_by_the_first_picture_that_has_it_or_a_later_one() -> None:
    done = {1: 0.9, 2: 1.0, 3: 1.1, 4: 1.2, 9: 2.0}
    assert delays(done, [[2, 1050.0], [4, 1250.0]]) == pytest.approx([50.0, 150.0, 50.0]), "1 came too early, 9 was not seen"
    assert delays(done, []) == []


def test_the_steps_of_a_row_share_its_time(tmp_path: Path) -> None:
    done = Done(tmp_path)
    done._take({"event": "metrics", "step": 10, "steps": 5}, 100.0)
    done._take({"event": "metrics", "step": 14, "steps": 4}, 100.4)
    done._take({"event": "samples", "step": 14}, 100.5)
    assert [done.steps[step] for step in range(11, 15)] == pytest.approx([100.1, 100.2, 100.3, 100.4])
    assert done.grids == {14: 100.5}


def test_processes_are_compared_with_as_many_threads() -> None:
    asked = argparse.Namespace(device="cpu", processes=[1, 2])
    assert list(conditions_of(asked).values()) == [(1, 1), (1, 2), (2, 1)]
    assert conditions_of(argparse.Namespace(device="cuda", processes=[1, 4])) == {"1 GPU": (1, 0), "4 GPUs": (4, 0)}


def test_a_goal_is_held_against_the_fastest_peer_and_waits_where_nothing_was_measured() -> None:
    rates = {loop: [10.0, 20.0, 30.0] for loop in LOOPS} | {"ours": [30.0, 50.0, 90.0], "peer, 2 workers": [15.0, 25.0, 45.0]}
    assert "ours against the fastest of the four (peer, 2 workers): 2.00 (2.00 to 2.00); goal 1.8: met." in told("mlp", rates)
    del rates[COARSE]
    said = told("mlp", rates)
    assert f"{COARSE}: waiting for a processor that multiplies bf16; goal 3." in said
    assert "MISSED" not in said


def test_a_tape_has_a_steps_products_forwards_and_backwards_and_nothing_else() -> None:
    layer, x = torch.nn.Conv2d(1, 2, 3).to(memory_format=torch.channels_last), torch.ones(1, 1, 4, 4, requires_grad=True)
    with cpu_floor.Tape() as tape:
        torch.nn.functional.leaky_relu(layer(x)).flatten(1).matmul(torch.ones(8, 1, requires_grad=True)).sum().backward()
    assert [call.func.__name__ for call in tape.calls] == [
        "convolution.default",
        "mm.default",
        "mm.default",
        "mm.default",
        "convolution_backward.default",
    ]
    weight = tape.calls[0].args[1]
    assert weight.stride() == layer.weight.stride()
    assert weight.data_ptr() != layer.weight.data_ptr(), "alone they need not find a step's tensors as it left them"
    tape.play()


def test_a_floor_is_told_beside_the_step_and_the_other_loop() -> None:
    took = {"ours, fp32": [20.0, 30.0], "ours, fp32: products": [10.0, 15.0], "theirs": [40.0, 60.0], "theirs: products": [11.0, 16.0]}
    said = cpu_floor.told("mlp", took, {"ours, fp32": 0.5, "theirs": 0.6})
    assert "0.50 (0.50 to 0.50)" in said
    assert "ours, fp32: 2.00 (2.00 to 2.00) times as fast as theirs without its data; its products alone would be 4.00" in said


def test_viewers_receive_until_they_are_told_to_leave() -> None:
    sent = threading.Semaphore(0)

    def show(connection: ServerConnection) -> None:
        for _ in range(3):
            connection.send(b"frame")
        sent.release()
        list(connection)  # until it leaves

    with serve(show, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        command = [sys.executable, "-m", "benchmarks.viewers", address, "http://localhost", "4"]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "watching\n"
            assert all(sent.acquire(timeout=30) for _ in range(4))
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
            server.shutdown()
            thread.join()
    received = json.loads(said)
    assert len(received) == 4 and max(received) <= 2, "the first frame is what they wait for"


def test_what_scores_cost_is_the_median_of_windows_that_had_any() -> None:
    at_rest = [{"rate": 60.0}]
    facts = {"rate": 58.0, "ratio": 0.9, "slowed": 0.6, "measured": 3.0, "clock": 0.1, "cores": 0.05}
    at_work = [facts | {"within": ratio} for ratio in (0.99, 0.96, 0.5)]
    assert "Goal 0.95: met." in report(at_work, at_rest)
    assert "nothing was measured" not in report(at_work, at_rest)
    assert "In some windows nothing was measured" in report([*at_work, at_work[0] | {"measured": 0.0}], at_rest)
    assert "MISSED" in report(at_work[2:], at_rest)


def test_a_gpu_is_held_against_its_kernels_and_the_loop_people_write() -> None:
    rates = {
        "ours, eager": [200.0, 210.0],
        "ours, graphs": [900.0, 920.0],
        "peer, 0 workers": [100.0, 90.0],
        "peer, 4 workers": [150.0, 160.0],
    }
    said = gpu_rate.told("mlp", rates, dict.fromkeys(rates, ""), {"kernels_us": 900.0, "kernels": 240.0, "replays_us": 990.0})
    assert "graphs reach 0.82 of the kernels' rate; goal 0.8: met." in said
    assert "graphs against peer, 4 workers: 5.88; goal 5: met." in said
    assert "peer" not in gpu_rate.told(
        "mlp",
        {loop: rates[loop] for loop in gpu_rate.OURS},
        dict.fromkeys(rates, ""),
        dict.fromkeys(("kernels_us", "kernels", "replays_us"), 1.0),
    )
