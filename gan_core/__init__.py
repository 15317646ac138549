"""GANscope's core: trains a GAN and says what happens. It knows no screen, no thread and no socket."""

import os

# Read once, when torch loads its OpenMP: threads that wait for each other spin for a moment and then sleep. With torch's endless
# spinning a second busy program on the same cores costs a factor of tens in steps/s (docs/decisions/threads.md).
os.environ.setdefault("GOMP_SPINCOUNT", "5000")
