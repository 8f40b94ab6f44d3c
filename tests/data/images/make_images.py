"""Makes the same seven random 3 x 4 images as CSV (numpy.savetxt) and in MNIST's own format (IDX)."""
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent
random = np.random.default_rng(1)
pixels = random.integers(0, 256, (7, 12), dtype=np.uint8)
pixels[:, ::3] = 0  # background, and every number of digits
labels = random.permutation(7).astype(np.uint8)

np.savetxt(folder / "images.csv", np.column_stack([labels, pixels]), fmt="%d", delimiter=",")
sizes = np.array([2051, 7, 3, 4], dtype=">u4")
(folder / "images-idx3-ubyte").write_bytes(sizes.tobytes() + pixels.tobytes())
sizes = np.array([2049, 7], dtype=">u4")
(folder / "labels-idx1-ubyte").write_bytes(sizes.tobytes() + labels.tobytes())
