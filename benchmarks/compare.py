"""Measures hotnas beside POT and SciPy: in one process, on the same problems, in turns.

Time is what the thread spends on a processor, so that other programs count for nobody.

    compare.py FOLDER [--quick] BUILD=SHARED_OBJECT ...

`cargo xtask bench` makes the shared objects (timing.c with one build of the library each) and runs this. It
writes speed.csv (microseconds per call, and ratios of such times) and quality.csv (values compared) into
FOLDER. It fails if two solvers of one problem disagree about the optimum.
"""

import ctypes
import gc
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import ot
import scipy.optimize
from ot.lp import emd_wrap

FAMILIES = ["nas-bench-201", "darts", "random", "masses"]
PAIRINGS = ["ordered", "full", "flow"]
EFFORTS = ["fast", "thorough"]
SIZES = [4, 6, 8, 10, 11, 16, 24, 32]
LAMBDA = 0.8
# Problems between two looks at the clock.
BLOCK = 5
# A loop over our own problems is repeated until it takes this long.
SHORTEST = 2e-3


class Build:
    """One build of the library behind timing.c."""

    def __init__(self, name, path):
        self.name = name
        self.calls = ctypes.CDLL(path)
        size, pointer = ctypes.c_size_t, ctypes.c_void_p
        self.calls.bench_make.restype = pointer
        self.calls.bench_make.argtypes = [ctypes.c_int, size, size]
        self.calls.bench_shape.argtypes = [pointer, size, pointer, pointer]
        self.calls.bench_read.argtypes = [pointer, size, ctypes.c_int, pointer]
        self.calls.bench_plan.argtypes = [pointer, ctypes.c_int, ctypes.c_int, size, pointer]
        self.calls.bench_matrix.argtypes = [size, pointer, pointer]
        loop = [size, size, size, pointer, pointer]
        self.calls.bench_exact.argtypes = [pointer, *loop]
        self.calls.bench_warm.argtypes = [pointer, *loop]
        for name in ("bench_gromov", "bench_cells"):
            getattr(self.calls, name).argtypes = [pointer, ctypes.c_int, ctypes.c_int, *loop]
        if hasattr(self.calls, "bench_simplex"):
            self.calls.bench_simplex.argtypes = [pointer, pointer, *loop]

    def make(self, family, nodes, count):
        problems = self.calls.bench_make(FAMILIES.index(family), nodes, count)
        if not problems:
            raise RuntimeError(f"{self.name} cannot make {count} problems {family} of {nodes} nodes")
        return problems


class Loop:
    """A contender that loops in C: `arguments` precede the counts."""

    def __init__(self, function, *arguments, count):
        self.function, self.arguments, self.count = function, arguments, count
        self.values = np.zeros(count)
        self.passes = 1
        # The first run warms up, the second says how often to repeat.
        self.sample()
        shortest = self.sample().sum() * BLOCK
        self.passes = max(1, int(np.ceil(SHORTEST / max(shortest, 1e-9))))

    def sample(self):
        seconds = np.zeros(-(-self.count // BLOCK))
        status = self.function(
            *self.arguments, self.count, BLOCK, self.passes, seconds.ctypes.data, self.values.ctypes.data
        )
        if status != 0:
            raise RuntimeError(f"status {status}")
        return seconds / self.passes / BLOCK


class Calls:
    """A contender in Python: `calls` are functions without arguments, one for each problem."""

    def __init__(self, calls):
        self.calls, self.count = calls, len(calls)
        self.results = [call() for call in calls[:BLOCK]]
        self.sample()

    def sample(self):
        seconds, results = [], []
        for start in range(0, self.count, BLOCK):
            block = self.calls[start : start + BLOCK]
            begin = time.thread_time()
            for call in block:
                results.append(call())
            seconds.append((time.thread_time() - begin) / len(block))
        self.results = results
        return np.array(seconds)


class Problem:
    """The arrays of one problem, in double precision."""

    def __init__(self, build, problems, index):
        rows, columns = ctypes.c_size_t(), ctypes.c_size_t()
        build.calls.bench_shape(problems, index, ctypes.byref(rows), ctypes.byref(columns))
        n, m = rows.value, columns.value

        def read(which, *shape):
            out = np.zeros(shape)
            build.calls.bench_read(problems, index, which, out.ctypes.data)
            return out

        self.cost = read(0, n, m)
        self.row_costs, self.column_costs = read(1, n, n), read(2, m, m)
        self.row_flows, self.column_flows = read(3, n, n), read(4, m, m)
        self.p, self.q = read(5, n), read(6, m)

    def within(self, pairing):
        flow = pairing == "flow"
        return (self.row_flows, self.column_flows) if flow else (self.row_costs, self.column_costs)

    def quadratic(self, pairing):
        """The matrix L with Q(T) = t' L t, symmetric, for the plan T as a vector t."""
        a, b = self.within(pairing)
        tensor = np.abs(a[:, None, :, None] - b[None, :, None, :])
        if pairing == "ordered":
            ordered = np.triu(np.ones(a.shape), 1)[:, None, :, None] * np.triu(np.ones(b.shape), 1)[None, :, None, :]
            tensor = tensor * ordered
            tensor = tensor + tensor.transpose(2, 3, 0, 1)
        size = self.cost.size
        return np.ascontiguousarray(tensor.reshape(size, size)) / 2

    def value(self, pairing, plan):
        t = plan.ravel()
        return LAMBDA * self.cost.ravel() @ t + (1 - LAMBDA) * t @ self.quadratic(pairing) @ t


def fused(problem, pairing):
    """POT's fused Gromov-Wasserstein (square loss) on the same costs and weights."""
    a, b = problem.within(pairing)
    symmetric = pairing != "flow"
    return lambda: ot.gromov.fused_gromov_wasserstein(
        problem.cost, a, b, problem.p, problem.q, symmetric=symmetric, alpha=1 - LAMBDA
    )


def conditional_gradient(problem, pairing, exact):
    """POT's conditional gradient on our objective; its tensor is made beforehand and not timed.

    `exact`: with the exact step of a quadratic function and the gradient carried along, as POT does for its
    own Gromov-Wasserstein; otherwise with POT's default, a backtracking search.
    """
    tensor, shape = problem.quadratic(pairing), problem.cost.shape
    linear, weight = LAMBDA * problem.cost, 1 - LAMBDA

    def f(plan):
        t = plan.ravel()
        return t @ (tensor @ t)

    def df(plan):
        return (2 * (tensor @ plan.ravel())).reshape(shape)

    def step(cost, plan, direction, gradient, value, slope, **_):
        change = df(direction)
        curvature = weight * 0.5 * np.sum(change * direction)
        decrease = np.sum(gradient * direction)
        if curvature > 0:
            alpha = min(1.0, max(0.0, -decrease / (2 * curvature)))
        else:
            alpha = 1.0 if curvature + decrease < 0 else 0.0
        return alpha, 1, value + alpha * decrease + alpha * alpha * curvature, slope + alpha * change

    search = step if exact else None
    return lambda: ot.optim.cg(problem.p, problem.q, linear, weight, f, df, line_search=search)


class Bench:
    """All measurements, and the files that they go to."""

    def __init__(self, folder, builds, quick):
        self.folder, self.builds, self.quick = folder, builds, quick
        self.double = next(build for build in builds if build.name.startswith("f64"))
        self.rounds = 3 if quick else 5
        self.speed = open(os.path.join(folder, "speed.csv"), "w", encoding="utf-8")
        self.quality = open(os.path.join(folder, "quality.csv"), "w", encoding="utf-8")
        print("what,family,nodes,pairing,effort,contender,against,median,lower,upper,samples", file=self.speed)
        print("family,nodes,pairing,effort,against,problems,better,equal,worse,largest_loss", file=self.quality)
        self.begin = time.monotonic()
        simplex = ctypes.CDLL(emd_wrap.__file__)
        # EMD_wrap(int, int, double * x 7, unsigned long, double *, double *)
        self.simplex = ctypes.cast(simplex._Z8EMD_wrapiiPdS_S_S_S_S_S_mS_S_, ctypes.c_void_p)

    def say(self, text):
        print(f"[{time.monotonic() - self.begin:5.0f} s] {text}", flush=True)

    def cases(self):
        sizes = [8, 16] if self.quick else SIZES
        yield "nas-bench-201", 8
        yield "darts", 11
        for family in ("random", "masses"):
            for nodes in sizes:
                yield family, nodes

    def count(self, nodes):
        full = 60 if nodes <= 16 else 30 if nodes <= 24 else 20
        return full // 2 if self.quick else full

    def run(self, key, ours, others):
        """Measures in turns; `key` is the start of a line, and others are compared with each of ours."""
        samples = {name: [] for name in [*ours, *others]}
        # Large problems take long and vary little.
        for _ in range(self.rounds if key[2] <= 16 else 3):
            for name, contender in [*ours.items(), *others.items()]:
                samples[name].append(contender.sample())
        for name, rounds in samples.items():
            self.line(key, name, "", np.concatenate(rounds) * 1e6)
        for mine in ours:
            for other in [*others, *ours]:
                if other == mine:
                    continue
                ratios = [
                    theirs / own[: len(theirs)]
                    for own, theirs in zip(samples[mine], samples[other])
                    if len(theirs) <= len(own)
                ]
                if ratios:
                    self.line(key, mine, other, np.concatenate(ratios))
        self.speed.flush()

    def line(self, key, name, against, samples):
        lower, median, upper = np.quantile(samples, [0.25, 0.5, 0.75])
        print(*key, name, against, f"{median:.4g},{lower:.4g},{upper:.4g}", len(samples), sep=",", file=self.speed)

    def transport(self, family, nodes):
        count = self.count(nodes)
        made = {build: build.make(family, nodes, count) for build in self.builds}
        problems = [Problem(self.double, made[self.double], i) for i in range(count)]
        ours = {
            f"hotnas {build.name}": Loop(build.calls.bench_exact, made[build], count=count) for build in self.builds
        }
        uniform = family != "masses"
        if uniform:
            ours |= {
                f"hotnas warm {build.name}": Loop(build.calls.bench_warm, made[build], count=count)
                for build in self.builds
            }
        others = {
            "POT C++": Loop(self.double.calls.bench_simplex, made[self.double], self.simplex, count=count),
            "POT emd_c": Calls([lambda p=p: emd_wrap.emd_c(p.p, p.q, p.cost, 100000, 1) for p in problems]),
            "POT emd2": Calls([lambda p=p: ot.emd2(p.p, p.q, p.cost) for p in problems]),
        }
        if uniform:
            solve = scipy.optimize.linear_sum_assignment
            others["SciPy"] = Calls([lambda p=p: solve(p.cost) for p in problems])
        self.run(("transport", family, nodes, "", ""), ours, others)
        expected = np.array(others["POT emd2"].results)
        answers = {name: loop.values for name, loop in {**ours, "POT C++": others["POT C++"]}.items()}
        if uniform:
            answers["SciPy"] = [p.cost[i, j].mean() for p, (i, j) in zip(problems, others["SciPy"].results)]
        for name, values in answers.items():
            tolerance = 1e-5 if " f32" in name else 1e-9
            worst = np.abs(values - expected).max()
            if worst > tolerance:
                raise RuntimeError(f"{name} and POT's emd2 differ by {worst} on {family}, {nodes} nodes")

    def gromov(self, family, nodes, pairing):
        count = self.count(nodes)
        made = {build: build.make(family, nodes, count) for build in self.builds}
        problems = [Problem(self.double, made[self.double], i) for i in range(count)]
        code = PAIRINGS.index(pairing)
        few = 10 if nodes <= 8 else 5 if nodes <= 16 else 1
        if self.quick:
            few = 5
        fast = {
            f"hotnas {build.name}": Loop(build.calls.bench_gromov, made[build], code, 0, count=count)
            for build in self.builds
        }
        slow = {
            "POT fgw": Calls([fused(p, pairing) for p in problems[: count if nodes <= 11 else max(10, count // 3)]]),
            "POT cg": Calls([conditional_gradient(p, pairing, False) for p in problems[:few]]),
            "POT cg exact step": Calls([conditional_gradient(p, pairing, True) for p in problems[:few]]),
        }
        self.run(("gromov", family, nodes, pairing, "fast"), fast, slow)
        self.check(problems, (family, nodes, pairing, "fast"), code, 0, fast, slow, made)
        thorough_count = count if nodes <= 11 else max(10, count // 3)
        thorough = {
            f"hotnas {build.name}": Loop(build.calls.bench_gromov, made[build], code, 1, count=thorough_count)
            for build in self.builds
        }
        self.run(("gromov", family, nodes, pairing, "thorough"), thorough, {"POT fgw": slow["POT fgw"]})
        self.check(problems, (family, nodes, pairing, "thorough"), code, 1, thorough, slow, made)
        cells = {
            f"hotnas {build.name}": Loop(build.calls.bench_cells, made[build], code, 0, count=count)
            for build in self.builds
        }
        self.run(("cells", family, nodes, pairing, "fast"), cells, {})

    def check(self, problems, key, code, effort, ours, others, made):
        """Our values must be those of our plans; then who found the lower one?"""
        pairing = PAIRINGS[code]
        double = ours[f"hotnas {self.double.name}"]
        for name, loop in ours.items():
            # Starts that end in another local minimum are no error between precisions.
            if " f64" in name and not np.array_equal(loop.values, double.values):
                raise RuntimeError(f"{name} has other values than {self.double.name} on {key}")
        for i, problem in enumerate(problems[: len(others["POT cg"].results)]):
            plan = np.zeros(problem.cost.shape)
            status = self.double.calls.bench_plan(made[self.double], code, effort, i, plan.ctypes.data)
            value = problem.value(pairing, plan)
            if status != 0 or abs(value - double.values[i]) > 1e-12:
                raise RuntimeError(f"a plan has value {value}, not {double.values[i]}: {key}, problem {i}")
            feasible = np.abs(plan.sum(1) - problem.p).sum() + np.abs(plan.sum(0) - problem.q).sum()
            if feasible > 1e-12:
                raise RuntimeError(f"a plan has marginals wrong by {feasible}: {key}, problem {i}")
        for name in ("POT cg", "POT cg exact step"):
            theirs = np.array([p.value(pairing, plan) for p, plan in zip(problems, others[name].results)])
            loss = double.values[: len(theirs)] - theirs
            counts = [(loss < -1e-7).sum(), (np.abs(loss) <= 1e-7).sum(), (loss > 1e-7).sum()]
            largest = max(0.0, (loss / theirs).max())
            print(*key, name, len(theirs), *counts, f"{largest:.3g}", sep=",", file=self.quality)
        self.quality.flush()

    def matrix(self):
        """A whole distance matrix; POT on a sample of its pairs."""
        count, sample = (200, 50) if self.quick else (1000, 200)
        pairs = count * (count - 1) // 2
        made = self.double.make("nas-bench-201", 8, sample)
        calls = [fused(Problem(self.double, made, i), "flow") for i in range(sample)]
        pot = Calls(calls)
        times = {f"hotnas {build.name}": [] for build in self.builds}
        times["POT fgw"] = []
        for _ in range(3):
            for build in self.builds:
                matrix, seconds = np.zeros((count, count)), ctypes.c_double()
                status = build.calls.bench_matrix(count, ctypes.byref(seconds), matrix.ctypes.data)
                if status != 0 or (matrix != matrix.T).any() or matrix.diagonal().any():
                    raise RuntimeError(f"{build.name}: no distance matrix, status {status}")
                times[f"hotnas {build.name}"].append(seconds.value)
            times["POT fgw"].append(pot.sample().mean() * pairs)
        key = ("matrix", "nas-bench-201", count, "flow", "fast")
        for name, seconds in times.items():
            self.line(key, name, "", np.array(seconds) * 1e6)
            if name != "POT fgw":
                self.line(key, name, "POT fgw", np.array(times["POT fgw"]) / np.array(seconds))
        self.speed.flush()


def main():
    words = sys.argv[1:]
    quick = "--quick" in words
    folder, *builds = [word for word in words if word != "--quick"]
    builds = [Build(*word.split("=", 1)) for word in builds]
    gc.disable()
    bench = Bench(folder, builds, quick)
    bench.matrix()
    bench.say("distance matrix")
    for family, nodes in bench.cases():
        bench.transport(family, nodes)
        bench.say(f"{family}, {nodes} nodes: transport")
        for pairing in PAIRINGS:
            bench.gromov(family, nodes, pairing)
            bench.say(f"{family}, {nodes} nodes: {pairing}")
        gc.collect()


if __name__ == "__main__":
    main()
