"""For every test: gan_core before torch, so that it can say how torch's threads wait (docs/decisions/threads.md)."""

from collections.abc import Iterator

import pytest

import gan_core  # noqa: F401


@pytest.fixture
def one_thread() -> Iterator[None]:
    """One of torch's threads: what is small is quickest so."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop in this thread until the session ends, and `asyncio.run` wants none.

    With `-n 2` each process takes the next file in this order, so this holds for each of them.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
