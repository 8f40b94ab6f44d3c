#!/usr/bin/env python3
"""Compares backquery with the plain Eigen port, FANN, numpy, scipy, pandas, PyTorch and scikit-learn on this machine and prints
tables in Markdown. Libraries that are not installed are skipped. From the root of the sources:

    cmake --workflow --preset benchmark             builds backquery_benchmark
    python3 tests/benchmark/compare.py              this program; about five minutes, on an idle machine
    cmake --build build/benchmark --target compare  builds the other variants too and compares them

Each of the --processes rounds runs every contestant in a new process, because the placement of a
process in memory changes its speed by up to a third. A ratio compares two rates of one round, taken in one process if
both are C++. The tables give the median over the rounds, with the smallest and the largest. Contestants use one thread
unless two are named. With MNIST in build/mnist (cmake -P cmake/fetch_mnist.cmake) reading files and the book's whole
program are compared too; else the bundled sample is used.
"""
import argparse
import datetime
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM = "backquery_benchmark"
VARIANTS = {f"{PROGRAM}.x86-64": "SSE2, -O2", f"{PROGRAM}.x86-64-v3": "x86-64-v3, -O2",
            f"{PROGRAM}.openblas": "with OpenBLAS"}
# glibc returns freed memory at once by default; numpy's temporaries then cost a page fault for every 4 KiB.
KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000",
               "MALLOC_TOP_PAD_": "64000000"}
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
JOB = "whole job"
NOTES = """\
The network is 784-200-10, sigmoid, no biases, float; a ratio is the speed of backquery divided by the rival's speed.
The plain Eigen port has row-major weights, noalias() and no temporaries, and the same flags. numpy computes in float64 as the
book's program does. PyTorch follows the gradient of the squared error (autograd, SGD), FANN too, with biases; scikit-learn's
MLPClassifier has biases, softmax and cross-entropy: about the same work per step, but not the book's rule. "Reading alone"
reads the whole files into fresh memory."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Rates:
    """Amounts per second: {contest: {contestant: [one per round]}}; the first contestant is backquery."""

    def __init__(self):
        self.of, self.units = {}, {}

    def add(self, lines):
        for line in lines.splitlines():
            contest, contestant, unit, rate = line.split("\t")
            self.units[contest] = unit
            self.of.setdefault(contest, {}).setdefault(contestant, []).append(float(rate))

    def rate(self, contest, contestant):
        return statistics.median(self.of[contest][contestant])

    def ratios(self, contest, contestant):
        ours = next(iter(self.of[contest].values()))
        return sorted(a / b for a, b in zip(ours, self.of[contest][contestant]))


def short(rate):
    """1234567 -> 1.23 M"""
    for factor, suffix in ((1e6, " M"), (1e3, " k")):
        if rate >= factor:
            return f"{rate / factor:.3g}{suffix}" if rate < 999.5 * factor else f"{rate / factor:.0f}{suffix}"
    return f"{rate:.3g}"


def amount(rates, contest, contestant):
    rate = rates.rate(contest, contestant)
    return f"{1 / rate:.3g} s" if rates.units[contest] == "jobs" else f"{short(rate)} {rates.units[contest]}/s"


def spread(ratios):
    digits = 2 if ratios[-1] < 9.95 else 1 if ratios[-1] < 99.5 else 0
    median = f"**{statistics.median(ratios):.{digits}f}**"
    return median if len(ratios) == 1 else f"{median} ({ratios[0]:.{digits}f} to {ratios[-1]:.{digits}f})"


def table_against_others(rates):
    yield "| work | backquery | against | its rate | ratio |"
    yield "|---|---|---|---|---|"
    for contest, contestants in rates.of.items():
        ours, *others = contestants
        for i, other in enumerate(others):
            first = [contest, amount(rates, contest, ours)] if i == 0 else ["", ""]
            yield f"| {' | '.join(first)} | {other} | {amount(rates, contest, other)} | {spread(rates.ratios(contest, other))} |"


def table_of_builds(builds):
    """Each cell: backquery's rate, and the ratio to the plain port of the same build."""
    names = list(builds)
    yield f"| backquery, and the ratio to the plain Eigen port | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for contest, contestants in builds[names[0]].of.items():
        if "plain Eigen port" in contestants:
            cells = [f"{amount(rates, contest, 'backquery')}, {spread(rates.ratios(contest, 'plain Eigen port'))}"
                     for rates in builds.values()]
            yield f"| {contest} | {' | '.join(cells)} |"


def processor():
    try:
        lines = subprocess.run(["lscpu"], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
        return next(line.split(":", 1)[1].strip() for line in lines.splitlines() if line.startswith("Model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


class Comparison:
    def __init__(self, options):
        self.options = options
        self.program = options.programs / PROGRAM
        self.shared = ["--mnist", str(options.mnist), "--tables", str(options.programs)] + (["--quick"] if options.quick else [])
        self.python, self.about, self.skipped = [], [], []
        for contestant in ("numpy", "scipy", "pytorch", "sklearn"):
            answer = self.run_python(contestant, "--about", check=False)
            if answer.returncode == 0:
                self.python.append(contestant)
                self.about.append(answer.stdout.strip())
            elif answer.returncode == 3 and not options.quick:
                raise SystemExit(answer.stderr.strip())
            else:
                self.skipped.append(answer.stderr.strip().splitlines()[-1])
        self.whole = (options.mnist / "train-images-idx3-ubyte").exists() and not options.quick

    def run_program(self, program, *arguments):
        command = [str(program), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, **ONE_THREAD}).stdout

    def run_python(self, contestant, *arguments, check=True, threads=ONE_THREAD):
        command = [sys.executable, str(HERE / "contestants.py"), contestant, *arguments]
        return subprocess.run(command, capture_output=not check or None, stdout=subprocess.PIPE if check else None,
                              text=True, check=check, env={**os.environ, **threads, **KEEP_MEMORY})

    def rounds(self):
        """Runs every contestant once per round, backquery first: the others are compared with the first contestant."""
        rates = Rates()
        for number in range(self.options.processes):
            say(f"round {number + 1} of {self.options.processes}")
            rates.add(self.run_program(self.program, "--tsv", *self.shared))
            files = (["tables"] + ["loadtxt"] * self.whole) if "numpy" in self.python else []
            for contestant in self.python + files:
                rates.add(self.run_python(contestant, *self.shared).stdout)
            if "pytorch" in self.python:
                self.pytorch_trainer(rates)
        return rates

    def pytorch_trainer(self, rates):
        """Adds the fastest PyTorch, with 1 thread or with all cores, to each contest of 1 thread and of 2 threads."""
        best = {}
        for count in dict.fromkeys((1, os.cpu_count())):
            lines = self.run_python("pytorch_trainer", "--threads", str(count), *self.shared,
                                    threads={name: str(count) for name in ONE_THREAD}).stdout
            for line in lines.splitlines():
                contest, contestant, unit, rate = line.split("\t")
                best[contest] = max(best.get(contest, (0,)), (float(rate), contestant, unit))
        for contest, (rate, contestant, unit) in best.items():
            for name in (contest, f"{contest}, 2 threads"):
                rates.add(f"{name}\t{contestant}\t{unit}\t{rate}")

    def job(self, rates):
        """@return the peak memory of backquery in MB"""
        say(JOB)
        pipe = subprocess.Popen([str(self.program), "--job", "--tsv", *self.shared], stdout=subprocess.PIPE, text=True)
        rates.add(pipe.stdout.read())
        _, status, usage = os.wait4(pipe.pid, 0)
        pipe.returncode = os.waitstatus_to_exitcode(status)
        if pipe.returncode != 0:
            raise SystemExit(f"{self.program} --job failed")
        if "numpy" in self.python:
            rates.add(self.run_python("job", *self.shared).stdout)
        return usage.ru_maxrss / 1000

    def builds(self):
        """Rates for double and for other compiler flags."""
        programs = {"float": [self.program], "double": [self.program, "--double"]}
        for file, name in VARIANTS.items():
            if (self.options.programs / file).exists():
                programs[name] = [self.options.programs / file]
            else:
                self.skipped.append(f"{name}: {file} is not built (cmake --build build/benchmark --target compare)")
        rates = {name: Rates() for name in programs}
        for number in range(min(3, self.options.processes)):
            for name, command in programs.items():
                say(f"builds, round {number + 1}: {name}")
                rates[name].add(self.run_program(*command, "--tsv", *self.shared, "--only", "MNIST"))
                rates[name].add(self.run_program(*command, "--tsv", *self.shared, "--only", "dense"))
        return rates

    def report(self):
        build = dict(line.split(": ", 1) for line in self.run_program(self.program, "--about").splitlines())
        load = os.getloadavg()[0]
        rates = self.rounds()
        job_memory = self.job(rates) if self.whole else None
        say("agreement, and growth")
        agreement = self.run_program(self.program, "--agreement", *self.shared)
        growth = self.run_program(self.program, "--growth", str(self.options.programs), *self.shared)
        builds = self.builds()
        if build["FANN"] != "yes":
            self.skipped.append(f"FANN: {build['FANN']}")
        if not self.whole:
            self.skipped.append(f"reading files and {JOB}: need all of MNIST (cmake -P cmake/fetch_mnist.cmake)")
        yield f"Measured on {datetime.date.today()} with `{shlex.join(['python3', 'tests/benchmark/compare.py', *sys.argv[1:]])}`:"
        yield f"{processor()}, {os.cpu_count()} cores, load {load:.1f} at the start; {platform.system()} {platform.release()};"
        yield f"{build['compiler']}, `{build['flags']}`; {build['build']};"
        yield "; ".join(self.about) + f"; Python {platform.python_version()}."
        yield f"Median of {self.options.processes} rounds (least to greatest).\n"
        yield from table_against_others(rates)
        yield f"\n{NOTES}"
        if job_memory is not None:
            yield f"The whole job reads the CSV, trains 10 epochs with +-10 degrees (1.8 million steps) and evaluates. Peak memory of"
            yield f"backquery: {job_memory:.0f} MB. numpy ran 6,000 of the steps; their time is multiplied by 300."
        for title, text in (("Agreement with the plain port:", agreement),
                            ("Growing networks (plots: growth_*.svg beside the program):", growth)):
            yield f"\n{title}\n\n```\n{text}```"
        yield "\nIn other builds and for double:\n"
        yield from table_of_builds(builds)
        if self.skipped:
            yield "\nSkipped:"
        yield from (f"- {line}" for line in dict.fromkeys(self.skipped))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog=__doc__.split("\n\n", 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/benchmark/tests/benchmark",
                        help="the folder of backquery_benchmark and its variants")
    parser.add_argument("--mnist", type=pathlib.Path, default=ROOT / "build/mnist", help="the folder of MNIST's four IDX files")
    parser.add_argument("--processes", type=int, default=7, help="how many of each contestant (7)")
    parser.add_argument("--quick", action="store_true", help="a test of this script in seconds, no measurement")
    options = parser.parse_args()
    if options.quick:
        options.processes = 1
    if not (options.programs / PROGRAM).exists():
        raise SystemExit(f"{options.programs / PROGRAM} is not there: cmake --workflow --preset benchmark builds it")
    for line in Comparison(options).report():
        print(line, flush=True)


if __name__ == "__main__":
    main()
