"""Which device a run trains on, and how many processor threads it takes."""

from __future__ import annotations

import os
import sys
import threading

import torch

from gan_core.sentences import Sentence

DEVICES = ("auto", "cuda", "mps", "cpu")
POLITENESS = 10
"""How much nicer than the page a run's thread is, in Unix's sense: about a tenth of the page's claim, where both want a core."""


def at_hand(name: str) -> bool:
    """Whether this machine has the device `name`, one of DEVICES."""
    if name == "cuda":
        return torch.cuda.is_available()
    if name == "mps":
        return torch.backends.mps.is_available()
    return True


def pick(name: str) -> str:
    """ "cuda", "mps" or "cpu" for a name of DEVICES; ValueError where this machine lacks it."""
    if name == "auto":
        return next(device for device in DEVICES[1:] if at_hand(device))
    if not at_hand(name):
        have = ", ".join(device for device in DEVICES[1:] if at_hand(device))
        raise ValueError(
            Sentence("The device is {name}, which this machine does not have. It has {have}; auto takes the fastest.", name=name, have=have)
        )
    return name


def describe(device: str) -> str:
    """The device's name for people, for instance "NVIDIA H200" or "CPU, 2 cores"."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    if device == "mps":
        return "Apple GPU"
    return Sentence("CPU, {count} cores", count=cores()) if cores() > 1 else Sentence("CPU, 1 core")


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_beside_a_page() -> int:
    """Threads for a run that people watch on the same machine: one core is left to the page and the browser."""
    return max(1, cores() - 1)


def threads(asked: int) -> int:
    """Threads torch computes with: what was asked, or every core (0)."""
    return asked or cores()


def give_way() -> None:
    """Let every other thread go first that wants the processor: for a run whose page is drawn on the same machine.

    It holds for the calling thread and those it starts, on Linux; elsewhere a thread has no such number of its own.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + POLITENESS)
