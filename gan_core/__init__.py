"""GANscope's core: trains a GAN and says what happens. It knows no screen, no thread and no socket."""

import os

# Read once, when torch loads its OpenMP: threads that wait for each other must sleep, not spin. With another busy program on the
# same cores (the browser that watches, say) spinning cost a factor of 35 in steps/s on 2 cores (docs/decisions/threads.md).
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
