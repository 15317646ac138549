"""How good a generator is, in numbers: each figure a file of its own, from features or points to a number."""
