"""For every test: threads of torch wait asleep, which gan_core can only see to if it is imported before torch."""

import gan_core  # noqa: F401
