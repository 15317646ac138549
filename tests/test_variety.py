"""What every grid of fakes is measured by may not leave threads of numpy's spinning beside the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gan_core.variety import variety_beside

CALLED: list[str] = []


class Spy(np.ndarray[Any, Any]):
    """Numbers that tell which of numpy's functions work on them, and on whatever is made of them."""

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, out: Any = None, **how: Any) -> Any:
        CALLED.append(function.__name__)
        plain = [np.asarray(each) if isinstance(each, Spy) else each for each in inputs]
        if out is not None:
            how["out"] = tuple(np.asarray(each) if isinstance(each, Spy) else each for each in out)
        return np.asarray(getattr(function, method)(*plain, **how)).view(Spy)


def pictures() -> NDArray[Any]:
    return np.random.default_rng(0).integers(0, 256, (16, 28, 28, 1)).astype(np.uint8)


def test_the_spy_hears_a_product() -> None:
    CALLED.clear()
    rows = pictures().view(Spy).reshape(16, -1).astype(np.float32)
    assert (rows @ rows.T).shape == (16, 16)
    assert "matmul" in CALLED


def test_no_grid_is_multiplied_by_numpy() -> None:
    CALLED.clear()
    assert variety_beside(pictures())(pictures().view(Spy)) == pytest.approx(1.0, abs=0.001)
    assert CALLED, "the spy was there"
    assert "matmul" not in CALLED
