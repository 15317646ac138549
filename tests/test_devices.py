"""Which device, and how many threads."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
import threading

import pytest
import torch

from gan_core import devices
from gan_core.devices import DEVICES, at_hand, cores, describe, give_way, keep_memory, pick, threads


def have(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Pretend that this machine has these devices."""
    monkeypatch.setattr(devices, "at_hand", lambda name: name in names)


def test_the_processor_is_always_at_hand() -> None:
    assert at_hand("cpu")
    assert pick("cpu") == "cpu"


@pytest.mark.parametrize("best", [1, 2, 3])
def test_auto_takes_the_first_that_is_there(best: int, monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, *DEVICES[best:])
    assert pick("auto") == DEVICES[best]


def test_auto_can_be_used_on_this_machine() -> None:
    assert at_hand(pick("auto"))
    assert describe(pick("auto"))


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_missing_is_named_with_those_that_are_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, "cpu")
    with pytest.raises(ValueError, match=rf"{name}.* cpu; auto"):
        pick(name)


def test_zero_threads_means_every_core() -> None:
    assert threads(0) == cores() >= 1
    assert threads(3) == 3


@pytest.mark.parametrize(("count", "words"), [(1, "CPU, 1 core"), (8, "CPU, 8 cores")])
def test_cores_are_counted_for_people(count: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: count)
    assert describe("cpu") == words


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is asked to keep memory")
def test_memory_that_is_freed_is_kept() -> None:
    def faults() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    def play() -> None:
        kept = [torch.zeros(1 << 20) for _ in range(8)]
        del kept

    assert keep_memory()
    for _ in range(3):
        play()
    before = faults()
    for _ in range(5):
        play()
    assert faults() - before < 4000, "of some 40,000 pages"


def test_where_nothing_can_be_set_memory_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not keep_memory()


@pytest.mark.gpu
def test_a_gpu_has_a_name() -> None:
    if not at_hand("cuda"):
        pytest.skip("needs a CUDA device")
    assert describe(pick("cuda")) not in ("", "cuda")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_who_gives_way_is_one_thread_alone() -> None:
    def mine() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, found = mine(), []

    def polite() -> None:
        give_way()
        found.append(mine())

    thread = threading.Thread(target=polite)
    thread.start()
    thread.join()
    assert found == [min(19, before + devices.POLITENESS)]
    assert mine() == before
