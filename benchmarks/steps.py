"""One step of scikit-learn's Gaussian process and of Optuna's sampler, beside `cargo xtask tables steps`.

    python steps.py [OBSERVATIONS]

Needs numpy, scikit-learn, optuna and torch. Prints CSV: milliseconds of processor time of one thread. The
step of scikit-learn: a fit of length scale and noise on given distances with the kernel exp(-d / l) and the
posterior of 600 candidates whose distances are given too, so that nothing is counted but linear algebra. The
step of Optuna: `ask` of its Gaussian process sampler with six categorical parameters of five choices.
"""

import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import optuna  # noqa: E402
import torch  # noqa: E402
from sklearn.gaussian_process import GaussianProcessRegressor  # noqa: E402
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel, WhiteKernel  # noqa: E402

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

POOL = 600
COUNTS = (25, 50, 100, 200, 500, 1000, 2000)


class Given(Kernel):
    """exp(-d / l) of distances that are given: points are numbers of rows."""

    def __init__(self, distances, length=1.0):
        self.distances, self.length = distances, length

    @property
    def hyperparameter_length(self):
        return Hyperparameter("length", "numeric", (1e-3, 1e3))

    def __call__(self, X, Y=None, eval_gradient=False):
        rows = X[:, 0].astype(int)
        columns = rows if Y is None else Y[:, 0].astype(int)
        d = self.distances[np.ix_(rows, columns)] / self.length
        k = np.exp(-d)
        return (k, (k * d)[:, :, None]) if eval_gradient else k

    def diag(self, X):
        return np.ones(len(X))

    def is_stationary(self):
        return True


def clock():
    return time.thread_time() * 1e3


def scikit(n):
    rng = np.random.default_rng(0)
    points = rng.random((n + POOL, 6))
    distances = np.abs(points[:, None] - points).sum(2)
    y = np.sin(3 * points[:n].sum(1))
    begun = clock()
    kernel = Given(distances) + WhiteKernel(1e-3)
    gp = GaussianProcessRegressor(kernel, normalize_y=True).fit(np.arange(n)[:, None], y)
    fitted = clock()
    gp.predict(np.arange(n, n + POOL)[:, None], return_std=True)
    return fitted - begun, clock() - fitted


def optuna_step(n):
    rng = np.random.default_rng(0)
    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=0, n_startup_trials=1))
    space = {f"x{i}": optuna.distributions.CategoricalDistribution(list(range(5))) for i in range(6)}
    for _ in range(n):
        genes = {name: int(rng.integers(5)) for name in space}
        value = float(sum((g - 1.3) ** 2 for g in genes.values()))
        study.add_trial(optuna.trial.create_trial(params=genes, distributions=space, value=value))
    begun = clock()
    trial = study.ask()
    for name, choice in space.items():
        trial.suggest_categorical(name, choice.choices)
    return clock() - begun


def main():
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("observations,scikit-learn fit ms,scikit-learn posterior ms,Optuna ask ms", flush=True)
    for n in (n for n in COUNTS if n <= most):
        fit, posterior = scikit(n)
        print(f"{n},{fit:.1f},{posterior:.1f},{optuna_step(n):.1f}", flush=True)


if __name__ == "__main__":
    main()
