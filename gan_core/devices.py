"""Which device a run trains on, and how many processor threads it takes."""

from __future__ import annotations

import ctypes
import os
import sys
import threading

import torch

from gan_core.sentences import Sentence

DEVICES = ("auto", "cuda", "mps", "cpu")
PRECISIONS = ("fp32", "bf16")
BF16 = ("avx512_bf16", "amx_bf16", "bf16")
"""What torch calls a processor's own products of bf16 numbers."""
KEPT_BYTES, MAPPED_BYTES = 256 << 20, 32 << 20
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""What glibc's mallopt calls them."""
POLITENESS = 10
"""How much nicer than the page a run's thread is, in Unix's sense: about a tenth of the page's claim, where both want a core."""


def at_hand(name: str) -> bool:
    """Whether this machine has the device `name`, one of DEVICES."""
    if name == "cuda":
        return torch.cuda.is_available()
    if name == "mps":
        return torch.backends.mps.is_available()
    return True


def multiplies_bf16(device: str) -> bool:
    """Whether a device has products of bf16 numbers of its own; where they have to be imitated, they are slower than fp32."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and any(torch.cpu.get_capabilities().get(name, False) for name in BF16)


def pick(name: str, precision: str = "fp32") -> str:
    """ "cuda", "mps" or "cpu" for a name of DEVICES; ValueError where this machine lacks it, or it the precision."""
    if precision == "bf16" and not multiplies_bf16(found := pick(name)):
        raise ValueError(Sentence("precision is bf16, and {device} has no such numbers here. Set it to fp32.", device=describe(found)))
    if name == "auto":
        return next(device for device in DEVICES[1:] if at_hand(device))
    if not at_hand(name):
        have = ", ".join(device for device in DEVICES[1:] if at_hand(device))
        raise ValueError(
            Sentence("The device is {name}, which this machine does not have. It has {have}; auto takes the fastest.", name=name, have=have)
        )
    return name


def multiply_fast(device: str) -> str:
    """The device, a GPU having been told to multiply in TF32: matrices as cuDNN's convolutions do by default, and much faster so."""
    if device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
    return device


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


def keep_memory() -> bool:
    """Let this process keep memory that it frees, up to KEPT_BYTES, and map none apart below MAPPED_BYTES; whether that can be asked for.

    A step of convolutions frees some megabytes and asks for them again at once. glibc hands them back to the system meanwhile, which
    then clears them page by page, thousands a step. Other systems, and musl, have nothing to set.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and all([mallopt(M_TRIM_THRESHOLD, KEPT_BYTES), mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES)])
