"""What a GAN can learn here: one row a data set. Adding one is a file beside this and a line in `DATA`."""

from __future__ import annotations

# The records first: the other files here may import them from this package while it is still being made.
from gan_core.data.base import DataSet, Loading, Request, Source, built_in  # isort: skip
from gan_core.data import curves, digits, files, folder, glyphs, planes, points
from gan_core.sentences import Sentence

__all__ = ["DATA", "DataSet", "Loading", "Request", "Source", "load_now"]

DATA: dict[str, Source] = {
    "glyphs": Source(
        kind="image",
        shape=lambda _: (1, glyphs.SIDE, glyphs.SIDE),
        labelled=True,
        help="Handwritten digits that the program draws itself, at hand without any download.",
        load=glyphs.load,
        where=built_in,
    ),
    "fashion-mnist": Source(
        kind="image",
        shape=files.shape("fashion-mnist"),
        labelled=True,
        help="70,000 small grey photos of clothes, shoes and bags.",
        load=files.load("fashion-mnist"),
        where=files.where("fashion-mnist"),
    ),
    "mnist": Source(
        kind="image",
        shape=files.shape("mnist"),
        labelled=True,
        help="70,000 digits written by American pupils and clerks, the classic first data set.",
        load=files.load("mnist"),
        where=files.where("mnist"),
    ),
    "kmnist": Source(
        kind="image",
        shape=files.shape("kmnist"),
        labelled=True,
        help="70,000 brush-written letters from old Japanese books, harder to learn than digits.",
        load=files.load("kmnist"),
        where=files.where("kmnist"),
    ),
    "cifar-10": Source(
        kind="image",
        shape=files.shape("cifar-10"),
        labelled=True,
        help="60,000 tiny colour photos of animals and vehicles, the hardest set here.",
        load=files.load("cifar-10"),
        where=files.where("cifar-10"),
    ),
    "digits": Source(
        kind="image",
        shape=digits.shape,
        labelled=True,
        help="1,797 very small handwritten digits, good for a first try that takes a minute.",
        load=digits.load,
        where=built_in,
    ),
    "line": Source(
        kind="plane",
        shape=planes.shape,
        labelled=False,
        help="Points along a straight line: the easiest of all, learned within a second or two.",
        load=curves.load("line"),
        where=built_in,
    ),
    "two-gaussians": Source(
        kind="plane",
        shape=planes.shape,
        labelled=True,
        help="Points in two round clouds side by side: see whether the generator takes both, or hops from one to the other.",
        load=planes.load("two-gaussians"),
        where=built_in,
    ),
    "ring-8": Source(
        kind="plane",
        shape=planes.shape,
        labelled=True,
        help="Points around eight spots on a circle: see at a glance which spots the generator forgets.",
        load=planes.load("ring-8"),
        where=built_in,
    ),
    "grid-25": Source(
        kind="plane",
        shape=planes.shape,
        labelled=True,
        help="Points around 25 spots in a square grid: a harder test for forgotten spots than the ring.",
        load=planes.load("grid-25"),
        where=built_in,
    ),
    "spiral": Source(
        kind="plane",
        shape=planes.shape,
        labelled=True,
        help="Points along two arms that wind around each other: the generator has to bend its noise.",
        load=curves.load("spiral"),
        where=built_in,
    ),
    "two-moons": Source(
        kind="plane",
        shape=planes.shape,
        labelled=True,
        help="Points in two half moons, each in the other's hollow: near to each other, and no straight line parts them.",
        load=curves.load("two-moons"),
        where=built_in,
    ),
    "swiss-roll": Source(
        kind="plane",
        shape=planes.shape,
        labelled=False,
        help="Points along a rolled-up sheet seen from the side: thinner outside than inside.",
        load=curves.load("swiss-roll"),
        where=built_in,
    ),
    "points": Source(
        kind="plane",
        shape=planes.shape,
        labelled=False,
        help="Your own points in the plane, from a CSV file of two columns.",
        load=points.load,
        where=folder.where,
        unnamed=Sentence("The data set is points and no file is named. Set folder to the path of a CSV file with two columns."),
    ),
    "folder": Source(
        kind="image",
        shape=folder.shape,
        labelled=False,
        help="Your own pictures, from a folder or a zip file, cropped to squares.",
        load=folder.load,
        where=folder.where,
        unnamed=Sentence("The data set is folder and no folder is named. Set folder to a directory or a zip of images."),
        classless=folder.classless,
    ),
}


def load_now(name: str, request: Request | None = None) -> DataSet:
    """The data set of that name, fetched or made without telling how far it is.

    ValueError if there is no such set, or for whatever keeps it from being loaded.
    """
    if name not in DATA:
        raise ValueError(f"There is no data set {name!r}: choose one of {', '.join(DATA)}.")
    loading = DATA[name].load(request or Request())
    while True:
        try:
            next(loading)
        except StopIteration as end:
            loaded: DataSet = end.value
            return loaded
