"""The Python contestants of compare.py. Each runs the contests of backquery_benchmark in a process of its own and prints
one line per contest: contest, contestant, unit and amount per second, separated by tabs. compare.py starts it; by hand:

    OMP_NUM_THREADS=1 python3 tests/benchmark/contestants.py numpy

Written from the equations: h = f(W_ih x), o = f(W_ho h), e_o = t - o, e_h = W_ho' e_o, and one step per matrix.
"""
import argparse
import importlib
import pathlib
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit("numpy is not installed (Debian: python3-numpy)")

ROOT = pathlib.Path(__file__).resolve().parents[2]
INPUTS, HIDDEN, OUTPUTS, RATE, BATCH = 784, 200, 10, 0.1, 128


def read_idx(folder, images):
    """The first images of MNIST's training set as rows of bytes, and their labels."""
    with open(folder / "train-images-idx3-ubyte", "rb") as file:
        file.seek(16)
        pixels = np.frombuffer(file.read(images * INPUTS), np.uint8).reshape(-1, INPUTS)
    with open(folder / "train-labels-idx1-ubyte", "rb") as file:
        file.seek(8)
        return pixels, np.frombuffer(file.read(images), np.uint8)


def scale(pixels):
    return pixels / 255 * 0.99 + 0.01


def targets_of(labels):
    targets = np.full((len(labels), OUTPUTS), 0.01)
    targets[np.arange(len(labels)), labels] = 0.99
    return targets


def samples(folder, count):
    """Name, inputs, targets and labels (one row per sample) of dense random samples and of MNIST."""
    if (folder / "train-images-idx3-ubyte").exists():
        pixels, labels = read_idx(folder, count)
    else:
        table = np.loadtxt(ROOT / "examples/data/mnist_train_1000.csv", np.uint8, delimiter=",", max_rows=count)
        pixels, labels = table[:, 1:], table[:, 0]
    dense = np.random.default_rng(1).uniform(0.01, 1, pixels.shape)
    turns = np.arange(len(dense)) % OUTPUTS
    return [("dense", dense, targets_of(turns), turns), ("MNIST", scale(pixels), targets_of(labels), labels)]


class Clock:
    """Times work and prints the median rate."""

    def __init__(self, contestant, repetitions):
        self.contestant, self.repetitions = contestant, repetitions

    def run(self, contest, unit, amount, work):
        work(min(amount, 50))  # warms up
        seconds = []
        for _ in range(self.repetitions):
            start = time.perf_counter()
            work(amount)
            seconds.append(time.perf_counter() - start)
        print(contest, self.contestant, unit, f"{amount / np.median(seconds):.6g}", sep="\t", flush=True)


class NumpyNetwork:
    """float64 and one column vector per sample, as in the book's program."""

    def __init__(self):
        from scipy.special import expit
        rng = np.random.default_rng(1)
        self.f = expit
        self.w_ih = rng.normal(0, HIDDEN ** -0.5, (HIDDEN, INPUTS))
        self.w_ho = rng.normal(0, OUTPUTS ** -0.5, (OUTPUTS, HIDDEN))

    def query(self, x):
        return self.f(self.w_ho @ self.f(self.w_ih @ x))

    def steps(self, x, t):
        """The change of the weights by one step; for several columns, the sum of their changes."""
        h = self.f(self.w_ih @ x)
        o = self.f(self.w_ho @ h)
        e_o = t - o
        e_h = self.w_ho.T @ e_o
        return (e_h * h * (1 - h)) @ x.T, (e_o * o * (1 - o)) @ h.T

    def train(self, x, t):
        step_ih, step_ho = self.steps(x, t)
        self.w_ih += RATE * step_ih
        self.w_ho += RATE * step_ho


def run_numpy(clock, sets):
    for name, x, t, _ in sets:
        columns = [(row[:, None], target[:, None]) for row, target in zip(x, t)]
        x_columns, t_columns = np.ascontiguousarray(x.T), np.ascontiguousarray(t.T)
        network = NumpyNetwork()

        def train(count):
            for column, target in columns[:count]:
                network.train(column, target)

        def query(count):
            for column, _ in columns[:count]:
                network.query(column)

        def gradients(count):
            for first in range(0, count - BATCH + 1, BATCH):
                network.steps(x_columns[:, first:first + BATCH], t_columns[:, first:first + BATCH])

        clock.run(f"train(X, T), {name}", "steps", len(x), train)
        clock.run(f"gradients of 128, {name}", "samples", len(x) // BATCH * BATCH, gradients)
        clock.run(f"query(x), {name}", "queries", len(x), query)
        clock.run(f"query of 1000, {name}", "queries", len(x), lambda count: network.query(x_columns[:, :count]))


def run_loadtxt(clock, csv):
    clock.run("read_csv", "images", 60000, lambda count: np.loadtxt(csv, np.uint8, delimiter=",", max_rows=count))


def run_tables(repetitions, folder, lines):
    """Reads the table that backquery_benchmark has written."""
    path = folder / f"benchmark_table_{lines}.csv"
    contest = "read_table, 20 columns", "lines", lines
    Clock("numpy.loadtxt", repetitions).run(*contest, lambda count: np.loadtxt(path, delimiter=",", skiprows=1, max_rows=count))
    try:
        import pandas
    except ImportError:
        return print("pandas is not installed (Debian: python3-pandas)", file=sys.stderr)
    Clock("pandas.read_csv", repetitions).run(*contest, lambda count: pandas.read_csv(path, nrows=count))


def run_scipy(clock, sets):
    from scipy.ndimage import gaussian_filter, map_coordinates, rotate
    images = sets[1][1].reshape(-1, 28, 28)
    random = np.random.default_rng(1)
    rows, columns = np.indices((28, 28)) - 13.5

    def turn(count):
        for image in images[:count]:
            rotate(image, 10, cval=0.01, order=1, reshape=False)

    def deform(count):
        for image in images[:count]:
            aside_y, aside_x = (36 * gaussian_filter(random.uniform(-1, 1, (28, 28)), 5, mode="constant") for _ in "yx")
            angle = np.radians(random.uniform(-15, 15))
            (scale_x, scale_y), (shift_x, shift_y) = random.uniform(0.85, 1.15, 2), random.uniform(-1, 1, 2)
            cosine, sine, y, x = np.cos(angle), np.sin(angle), rows - shift_y, columns - shift_x
            sources = [13.5 + (cosine * y + sine * x) / scale_y + aside_y,
                       13.5 + (cosine * x - sine * y) / scale_x + aside_x]
            map_coordinates(image, sources, order=1, cval=0.01)

    clock.run("rotate by 10 degrees", "images", len(images), turn)
    clock.run("elastic and affine deformation", "images", len(images), deform)


def run_pytorch(clock, sets):
    """float32, autograd and torch.optim.SGD: the gradient of the squared error, which differs from the book's rule."""
    import torch
    torch.set_num_threads(1)
    for name, x, t, _ in sets:
        x, t = torch.tensor(x, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)
        network = torch.nn.Sequential(
            torch.nn.Linear(INPUTS, HIDDEN, bias=False), torch.nn.Sigmoid(),
            torch.nn.Linear(HIDDEN, OUTPUTS, bias=False), torch.nn.Sigmoid())
        optimizer = torch.optim.SGD(network.parameters(), RATE)

        def compute_gradients(x, t):
            optimizer.zero_grad()
            ((network(x) - t) ** 2).sum().mul(0.5 / len(x)).backward()

        def train(count):
            for i in range(count):
                compute_gradients(x[i:i + 1], t[i:i + 1])
                optimizer.step()

        def gradients(count):
            for first in range(0, count - BATCH + 1, BATCH):
                compute_gradients(x[first:first + BATCH], t[first:first + BATCH])

        def query(count):
            with torch.no_grad():
                for i in range(count):
                    network(x[i])

        def query_many(count):
            with torch.no_grad():
                network(x[:count])

        clock.run(f"train(X, T), {name}", "steps", len(x), train)
        clock.run(f"gradients of 128, {name}", "samples", len(x) // BATCH * BATCH, gradients)
        clock.run(f"query(x), {name}", "queries", len(x), query)
        clock.run(f"query of 1000, {name}", "queries", len(x), query_many)


def run_pytorch_trainer(threads, sets, repetitions):
    """Epochs of Adam on batches of 128: ReLU, softmax, cross-entropy, on the networks of rungs 4 and 7 of mnist_ladder."""
    import torch
    torch.set_num_threads(threads)
    _, x, _, labels = sets[0]
    count = len(x) // BATCH * BATCH
    x, labels = torch.tensor(x[:count], dtype=torch.float32), torch.tensor(labels[:count].astype(np.int64))
    clock = Clock("PyTorch", repetitions)
    for name, hidden, normalize in (("784-800-10", (800,), False), ("784-1500-1000-500-10, batch normalization", (1500, 1000, 500), True)):
        parts, nodes = [], INPUTS
        for size in hidden:
            parts += [torch.nn.Linear(nodes, size)] + [torch.nn.BatchNorm1d(size)] * normalize + [torch.nn.ReLU()]
            nodes = size
        network = torch.nn.Sequential(*parts, torch.nn.Linear(nodes, OUTPUTS))
        optimizer = torch.optim.Adam(network.parameters(), 1e-4)

        def epoch(_):
            for first in range(0, count, BATCH):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(x[first:first + BATCH]), labels[first:first + BATCH]).backward()
                optimizer.step()

        clock.run(f"Trainer, {name}", "samples", count, epoch)


def run_sklearn(clock, sets):
    """float32. MLPClassifier has biases, softmax and cross-entropy: another rule with about the same work per step."""
    from sklearn.neural_network import MLPClassifier
    for name, x, _, labels in sets:
        x = x.astype(np.float32)
        network = MLPClassifier((HIDDEN,), activation="logistic", solver="sgd", alpha=0, batch_size=1,
                                learning_rate_init=RATE, momentum=0, nesterovs_momentum=False, shuffle=False)
        classes = np.arange(OUTPUTS)

        def query(count):
            for i in range(count):
                network.predict_proba(x[i:i + 1])

        clock.run(f"train(X, T), {name}", "steps", len(x),
                  lambda count: network.partial_fit(x[:count], labels[:count], classes))
        clock.run(f"query(x), {name}", "queries", min(len(x), 300), query)
        clock.run(f"query of 1000, {name}", "queries", len(x), lambda count: network.predict_proba(x[:count]))


def run_whole_job(train_csv, test_csv, quick):
    """The book's whole program. It reads and evaluates everything, but runs only 6,000 of the 1.8 million steps and 4,000
    of the 1.2 million rotations, which all take the same time; their time is multiplied."""
    from scipy.ndimage import rotate
    digits, whole = (200 if quick else 2000), 600000
    start = time.perf_counter()
    with open(train_csv) as file:
        lines = file.readlines()
    with open(test_csv) as file:
        test_lines = file.readlines()
    loaded = time.perf_counter()
    network = NumpyNetwork()
    for line in lines[:digits]:
        fields = line.split(",")
        x = scale(np.asarray(fields[1:], float))
        t = np.full(OUTPUTS, 0.01)
        t[int(fields[0])] = 0.99
        image = x.reshape(28, 28)
        for degrees in (0, 10, -10):
            rotated = rotate(image, degrees, cval=0.01, order=1, reshape=False) if degrees else image
            network.train(rotated.reshape(-1, 1), t[:, None])
    trained = time.perf_counter()
    right = 0
    for line in test_lines:
        fields = line.split(",")
        answer = network.query(scale(np.asarray(fields[1:], float))[:, None])
        right += int(np.argmax(answer)) == int(fields[0])
    scored = time.perf_counter()
    seconds = (loaded - start) + (trained - loaded) * whole / digits + (scored - trained)
    print("whole job", "numpy", "jobs", f"{1 / seconds:.6g}", sep="\t", flush=True)


def blas_of(contestant):
    """The BLAS among the loaded files. Exits with status 3 for the reference BLAS, which is slow and would raise every ratio."""
    if contestant == "pytorch" and "BLAS_INFO=mkl" in importlib.import_module("torch").__config__.show():
        return "BLAS MKL"
    maps = pathlib.Path("/proc/self/maps")
    if not maps.exists():
        return "BLAS unknown"
    files = {str(pathlib.Path(line.split()[-1]).resolve()) for line in maps.read_text().splitlines()}
    fast = {file for file in files if "openblas" in file or "mkl" in file}  # Debian: also openblas-pthread/libblas.so.3
    slow = {file for file in files - fast if pathlib.Path(file).name.startswith("libblas.so")}
    if slow or not fast:
        print(f"{contestant} must load OpenBLAS or MKL (Debian: libopenblas0), but loads {', '.join(slow) or 'neither'}",
              file=sys.stderr)
        sys.exit(3)
    names = sorted({pathlib.Path(file).name for file in fast if not pathlib.Path(file).name.startswith(("libblas", "liblapack"))})
    return "BLAS " + ", ".join(names)


def describe(contestant, modules):
    """One line: versions, and for numpy and PyTorch the BLAS."""
    versions = []
    for module, package in modules:
        try:
            versions.append(f"{module} {importlib.import_module(module).__version__}")
        except ImportError:
            sys.exit(f"{contestant}: {module} is not installed (Debian: {package})")
    if contestant in ("numpy", "pytorch"):
        versions.append(blas_of(contestant))
    print("; ".join(versions))


NUMPY, SCIPY = ("numpy", "python3-numpy"), ("scipy", "python3-scipy")
MODULES = {"numpy": [NUMPY, SCIPY], "scipy": [SCIPY], "loadtxt": [NUMPY], "tables": [NUMPY], "job": [NUMPY, SCIPY],
           "pytorch": [NUMPY, ("torch", "python3-torch")],
           "pytorch_trainer": [NUMPY, ("torch", "python3-torch")], "sklearn": [("sklearn", "python3-sklearn")]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contestant", choices=MODULES)
    parser.add_argument("--mnist", type=pathlib.Path, default=ROOT / "build/mnist", help="folder of the IDX and CSV files")
    parser.add_argument("--tables", type=pathlib.Path, default=ROOT / "build/benchmark/tests/benchmark",
                        help="folder of the table of read_table")
    parser.add_argument("--quick", action="store_true", help="a test of this script, no measurement")
    parser.add_argument("--about", action="store_true", help="the versions, or what is missing")
    parser.add_argument("--threads", type=int, default=1, help="of pytorch_trainer")
    options = parser.parse_args()
    if options.about:
        return describe(options.contestant, MODULES[options.contestant])
    train_csv, test_csv = (options.mnist / f"benchmark_{name}.csv" for name in ("train", "t10k"))
    if options.contestant == "job":
        return run_whole_job(train_csv, test_csv, options.quick)
    if options.contestant == "loadtxt":
        return run_loadtxt(Clock("numpy.loadtxt", 1), train_csv)
    if options.contestant == "tables":
        return run_tables(1 if options.quick else 3, options.tables, 1000 if options.quick else 1000000)
    sets = samples(options.mnist, 150 if options.quick else 1000)
    if options.contestant == "pytorch_trainer":
        return run_pytorch_trainer(options.threads, sets, 1 if options.quick else 3)
    name, run = {"numpy": ("numpy, float64", run_numpy), "scipy": ("scipy.ndimage", run_scipy),
                 "pytorch": ("PyTorch", run_pytorch), "sklearn": ("scikit-learn", run_sklearn)}[options.contestant]
    run(Clock(name, 1 if options.quick else 3), sets)


if __name__ == "__main__":
    main()
