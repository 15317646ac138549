"""The house stands as docs and DESIGN say: imports run downwards, files stay small, and what is forbidden is nowhere."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("gan_core", "live", "ui", "pages", "benchmarks")
MAX_FILE, MAX_PAGE, MAX_FUNCTION = 250, 150, 60

FLOORS: list[set[str]] = [
    {"sentences", "terms", "noise"},
    {"events", "files", "images", "averaging", "schedules", "streams", "meter", "devices", "moments", "pacing"}
    | {"adam", "games", "penalties", "spectral", "augment", "knobs", "sight"},
    {"history", "recorder", "pictures", "batches", "data", "networks", "status", "labels", "dirac", "latent", "variety", "findings"},
    {"outlook", "config", "past", "trash", "favourites", "nearest", "coach", "precision"},
    {"record", "dials", "state", "looking", "presets", "snapshot", "crew"},
    {"store", "step", "looks"},
    {"runner", "metrics", "wants", "checkpoint", "halves"},
    {"export", "ground", "telling", "capture"},
    {"graphs"},
    {"run_manager"},
    {"loop"},
    {"parallel"},
    {"live"},
    {"ui"},
    {"pages"},
    {"progress", "take"},
    {"scoring"},
    {"app", "__main__"},
]
"""From the cellar to the roof. A module imports from floors below its own, or from its own package."""

FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
LOOP_ONLY = {"state", "step", "halves", "checkpoint", "telling", "capture", "graphs", "loop"}
"""What makes a run go: whoever shows runs is handed events and never reaches for these."""
MAY_LOOP = {"step", "app", "__main__", "loop", "halves", "checkpoint", "telling", "capture", "graphs", "parallel"}


def _python_files() -> dict[str, Path]:
    """Module name -> file, of the product."""
    paths = [ROOT / "app.py", *(path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py")))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


MODULES = _python_files()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
TESTS = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests").rglob("*.py"))}


def imported(tree: ast.AST, name: str = "") -> Iterator[str]:
    """Every module that is imported, inside functions too; `from package import module` names the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively; write the whole name"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else str(node.module)


IMPORTS = {name: set(imported(tree, name)) for name, tree in TREES.items()}


def part(module: str) -> str | None:
    """The part of the house a module is in: a package, or a module of gan_core; None for what is not ours."""
    first, *rest = module.split(".")
    if first == "gan_core":
        return rest[0] if rest else None
    return first if first in FLOOR else None


def within(prefixes: Iterable[str]) -> list[str]:
    """Names of the modules that are, or lie in, one of these."""
    return [name for name in MODULES if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)]


def closure(module: str) -> set[str]:
    """All that is imported when this module is."""
    found: set[str] = set()
    todo = {module}
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= IMPORTS.get(name, set()) - found
    return found


def hits(names: set[str], *libraries: str) -> set[str]:
    return {name for name in names if name.split(".")[0] in libraries or name in libraries}


def test_there_is_a_house() -> None:
    assert {"app", "gan_core.loop", "gan_core.runner", "live.manager", "ui.shell", "pages.train"} <= MODULES.keys()
    assert "gan_core.loop" in IMPORTS["app"]
    assert "gan_core.events" in IMPORTS["gan_core.runner"]


def test_every_module_has_a_floor() -> None:
    known = {f"gan_core.{name}" for name in FLOOR} | FLOOR.keys() | {"gan_core", "benchmarks"}
    homeless = [name for name in MODULES if ".".join(name.split(".")[: 2 if name.startswith("gan_core.") else 1]) not in known]
    assert not homeless, "give it a floor in FLOORS"


def test_imports_run_downwards() -> None:
    upwards = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if (here := part(name)) and (there := part(other)) and here != there and FLOOR[there] >= FLOOR[here]
    ]
    assert not upwards


def test_no_two_modules_import_each_other() -> None:
    # A file of a registry's package may use what the package defines first, so that edge is none.
    graph = {
        name: {other for other in others if other in MODULES and not f"{name}.".startswith(f"{other}.")} for name, others in IMPORTS.items()
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_only_the_app_and_the_command_line_know_the_loop() -> None:
    shown = [name for name in MODULES if not name.startswith("benchmarks") and part(name) not in MAY_LOOP]
    assert not [f"{name} imports {other}" for name in shown for other in IMPORTS[name] if part(other) in LOOP_ONLY]


def test_the_core_knows_no_screen() -> None:
    assert not {
        name: found for name in within(["gan_core"]) if (found := hits(IMPORTS[name], "streamlit", "starlette", "live", "ui", "pages"))
    }


def test_live_knows_no_streamlit() -> None:
    forbidden = ("streamlit", "ui", "pages", "gan_core.loop")
    assert not {name: found for name in within(["live"]) if (found := hits(closure(name), *forbidden))}


def test_the_runner_knows_neither_torch_nor_the_loop() -> None:
    assert not hits(closure("gan_core.runner"), "torch", "gan_core.loop")


def test_only_the_screens_know_streamlit() -> None:
    screens = {"app", "benchmarks.bare_pages", "benchmarks.run_list", *within(["ui", "pages"])}  # benchmarks draw pages too
    assert {name for name in MODULES if hits(IMPORTS[name], "streamlit")} <= screens
    assert not hits(closure("ui.charts"), "streamlit", "plotly"), "charts are plain data"


def test_pages_describe_and_do_not_compute() -> None:
    pages = within(["pages"])
    assert pages
    assert not {name: found for name in pages if (found := hits(IMPORTS[name], "torch", "threading"))}
    assert not [f"{name}: {node.name}" for name in pages for node in TREES[name].body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert not [name for name in pages if lines(MODULES[name]) >= MAX_PAGE]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_stay_small() -> None:
    files = [*MODULES.values(), *(ROOT / "ui").rglob("*.js")]
    assert any(path.suffix == ".js" for path in files)
    assert not {str(path.relative_to(ROOT)): count for path in files if (count := lines(path)) > MAX_FILE}


def test_functions_stay_small() -> None:
    assert not {
        f"{name}.{node.name}": count
        for name, tree in (TREES | TESTS).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (count := node.end_lineno - node.lineno + 1) > MAX_FUNCTION  # type: ignore[operator]
    }


def names_in(node: ast.AST | None) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} if node else set()


def catches_all(tree: ast.AST) -> bool:
    """Whether there is an `except` (or `suppress`) for whatever goes wrong."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or names_in(node.type) & {"Exception", "BaseException"}):
            return True
        if isinstance(node, ast.Call) and called(node).endswith("suppress") and {"Exception", "BaseException"} & names_in(node):
            return True
    return False


def called(node: ast.Call) -> str:
    """The dotted name of what is called."""
    return ast.unparse(node.func)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_errors_are_swallowed_in_one_place() -> None:
    assert [name for name, tree in TREES.items() if catches_all(tree)] == ["gan_core.runner"]


def test_reading_a_file_runs_no_code() -> None:
    pickles = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
    unpickling = {name: found for name in MODULES if (found := hits(IMPORTS[name], *pickles))}
    # CIFAR-10 comes as a pickle: checked byte for byte, and read by an unpickler that knows arrays only.
    assert unpickling == {"gan_core.data.cifar": {"pickle"}}
    assert not [call for call in calls(TREES["gan_core.data.cifar"]) if called(call) in ("pickle.load", "pickle.loads", "pickle.Unpickler")]
    assert not [name for name, tree in TREES.items() for call in calls(tree) if called(call) in ("torch.load", "torch.save")]
    assert not [
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "torch" and {alias.name for alias in node.names} & {"load", "save"}
    ]
    unsafe = [
        f"{name}: {ast.unparse(call)}"
        for name, tree in TREES.items()
        for call in calls(tree)
        if called(call) in ("np.load", "numpy.load")
        and not any(keyword.arg == "allow_pickle" and ast.unparse(keyword.value) == "False" for keyword in call.keywords)
    ]
    assert not unsafe


@pytest.mark.parametrize("word", ["unsafe_allow_html", "unsafe_allow_javascript"])
def test_no_text_becomes_markup(word: str) -> None:
    assert not [name for name, tree in TREES.items() for call in calls(tree) if word in {keyword.arg for keyword in call.keywords}]


def test_nobody_sleeps() -> None:
    sleepy = [
        name
        for name, tree in (TREES | TESTS).items()
        # Another process can only be asked again and again: the benchmarks and the browser tests' server do that, in one place each.
        if not name.startswith("benchmarks") and name != "conftest"
        if any(called(call) == "time.sleep" for call in calls(tree))
        or any(
            isinstance(node, ast.ImportFrom) and node.module == "time" and "sleep" in {a.name for a in node.names}
            for node in ast.walk(tree)
        )
    ]
    assert not sleepy


COMPONENTS = ("run_view", "compare_view", "explore_view", "interpolate_view", "dirac_view", "plane_view", "points_pad")


@pytest.mark.parametrize("component", COMPONENTS)
def test_joined_scripts_declare_each_name_once(component: str) -> None:
    # A browser refuses the whole component otherwise, and no Python test would see it.
    modules = importlib.import_module(f"ui.components.{component}").MODULES
    text = "\n".join((ROOT / "ui" / "components" / f"{module}.js").read_text(encoding="utf-8") for module in modules)
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert len(names) > 20
    assert not {name for name in names if names.count(name) > 1}
