"""For every test: gan_core before torch, so that it can say how torch's threads wait (docs/decisions/threads.md)."""

import gan_core  # noqa: F401
