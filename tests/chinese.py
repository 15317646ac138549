"""What may stand in Latin letters on a Chinese page, and everything a page says."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from gan_core.config import KNOBS
from gan_core.data.pictures import FORMATS
from gan_core.presets import PRESETS
from ui.text import LANGUAGES

TERMS = {
    "GAN",
    "GANscope",
    "DCGAN",
    "G",
    "D",
    "z",
    "Adam",
    "R1",
    "R2",
    "CUDA",
    "CPU",
    "GPU",
    "BatchNorm",
    "CSV",
    "JSON",
    "zip",
    "idx",
    "md5",
    "x",
    "Python",
    "PyTorch",
    "TensorBoard",
    "ONNX",
    "safetensors",
    "GIF",
    "WebP",
    "MP4",
    "logdir",
    "R3GAN",
    "PyTorch-GAN",
    "TensorFlow",
    "NumPy",
    "NPZ",
    "PNG",
    "CNN",
    "CIFAR-10",
    "Inception",
    "Wasserstein",
    "torch-fidelity",
    "FID",
    "KID",
    "FD",
    "KD",
    "KL",
    "SeFa",
    "dropout",
    "lerp",
    "Lerp",
    "slerp",
    "Slerp",
    "A",
    "B",
    "C",
    "h",
    "c",
    "t",
    "ht",
}
COMMANDS = {"pip", "install"}
LINK = {
    "portraits",
    "start",
    "sefa-1",
    "random-1-7",
    "coordinate-",
    "at",
    "class",
    "frames",
    "image",
    "psi",
    "weights",
    "averaged",
    "living",
    "count",
    "y",
    "s",
    "i",
    "i0",
}
"""What stands in a link, in a command or in a file, beside settings and choices."""
KEYS = {"D", "F", "G", "P", "S", "Enter", "Esc", "Home", "End", "Alt", "Shift", "Delete", "Tab", "Ctrl+Z", "Ctrl+Shift+Z"}
"""As they are written on a keyboard, in China too."""
UNITS = {"kB", "MB", "GB", "kimg", "px"}
FORMULAS = {"log", "ln"}
NAMES = {*KNOBS, *PRESETS, *(choice for knob in KNOBS.values() for choice in knob.choices), *LANGUAGES, *LANGUAGES.values()}
"""Settings and choices are called in Chinese as in a link and on the command line."""
SHORT = {suffix.removeprefix(".") for suffix in FORMATS} | {"zh-CN", "cifar-10"}
FILES = {"CSV", "UTF-8", "Fashion-MNIST", "Backspace", "pace"}
ALLOWED = FILES | TERMS | COMMANDS | LINK | KEYS | UNITS | FORMULAS | NAMES | SHORT

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*")
NO_WORDS = re.compile(
    r"(?s:<style>.*?</style>)"
    r"|\d{8}-\d{6}-[\w-]+"  # a run
    r"|\{[^{}]*\}"  # a place to be filled
    r"|:[a-z-]+(?=\[)|:material/\w+:"  # Markdown's colours, badges and icons
    r"|'[^']*'"  # what somebody entered
    r"|#[0-9A-Fa-f]{6}"  # a colour
    r"|https?://\S+"
    r"|(?<![\w/])/[\w./-]+"  # a path
)


def english(text: str) -> list[str]:
    """Latin words in a text that have no business on a Chinese page."""
    return [word for word in WORD.findall(NO_WORDS.sub(" ", html.unescape(text))) if word not in ALLOWED]


# No words: names for machines, looks, code. Everything else that is text in an element is taken for something to read.
_NOT_READ = re.compile(
    r"(^|_)(id|key|icon|type|tag|format|url|path|content|name|mode|mime|color|kind|hash|color_scheme|language|autocomplete)$"
)
_READ_IN_A_COMPONENT = {
    *("words", "text", "label", "labels", "title", "titles", "help", "alt", "message"),
    *("knobs", "differences", "notes", "axis_note", "z_note"),
}


def texts(tree: Any) -> Iterator[str]:
    """All that is said on a page AppTest has drawn: labels, helps, choices, captions, also in tabs, menus and components."""
    proto = getattr(tree, "proto", None)
    if isinstance(proto, Message):
        yield from _in_message(proto)
    for child in getattr(tree, "children", {}).values():
        yield from texts(child)


def _in_message(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name == "json":
            yield from _in_component(json.loads(value), read=False)
        elif field.name == "options" and field.message_type:  # of pills and the like, whose "content" is what they say
            yield from (option.content for option in value)
        elif field.type == field.TYPE_STRING and not _NOT_READ.search(field.name):
            yield from value if field.is_repeated else [value]
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for inner in value if field.is_repeated else [value]:
                yield from _in_message(inner)


def _in_component(value: Any, *, read: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            # What is under "words" is read, whatever its keys; a "label" may be a whole record of looks with a "text" in it.
            yield from _in_component(inner, read=key in _READ_IN_A_COMPONENT or (read and "font" not in value))
    elif isinstance(value, list):
        for inner in value:
            yield from _in_component(inner, read=read)
    elif isinstance(value, str) and read:
        yield value
