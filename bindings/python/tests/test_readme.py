"""The programs of the README."""

import contextlib
import importlib.util
import io
import os
import re
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

README = Path(__file__).resolve().parents[1] / "README.md"
ROOT = README.parents[2]
PROGRAMS = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)


def run(program, **names):
    """What it prints, run in a folder where it may write and where the project's examples are."""
    printed, before = io.StringIO(), os.getcwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        os.symlink(ROOT / "examples", Path(folder) / "examples")
        os.chdir(folder)
        try:
            exec(compile(program, "README.md", "exec"), names)
        finally:
            os.chdir(before)
    return printed.getvalue()


class Driven:
    """Stands for ``tune.Tuner``: the same searcher and function, in this process and one after the other."""

    def __init__(self, trainable, tune_config):
        self.trainable, self.config = trainable, tune_config

    def fit(self):
        results = []
        for i in range(self.config.num_samples):
            config = self.config.search_alg.suggest(str(i))
            results.append(types.SimpleNamespace(config=config, metrics=self.trainable(config)))
            self.config.search_alg.on_trial_complete(str(i), results[-1].metrics)
        best = min(results, key=lambda result: result.metrics["loss"])
        return types.SimpleNamespace(get_best_result=lambda metric, mode: best)


class Programs(unittest.TestCase):
    def test_all_are_run(self):
        self.assertEqual(len(PROGRAMS), 3)

    def test_search(self):
        printed = run(PROGRAMS[0], train=lambda genome: float(genome.sum()))
        self.assertRegex(printed, r"^[0-9.]+\n\(\d+, \d\.0, array")

    def test_optuna(self):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        loss, design = run(PROGRAMS[1]).split()
        self.assertLess(float(loss), 0.3)
        self.assertRegex(design, r"^[NR]+-[0-9]+$")

    def test_ray(self):
        if importlib.util.find_spec("ray") is None:
            self.skipTest("Ray has no package for this machine")
        from ray import tune

        with mock.patch.object(tune, "Tuner", Driven):
            loss, design = run(PROGRAMS[2]).split()
        self.assertLess(float(loss), 0.3)
        self.assertRegex(design, r"^[NR]+-[0-9]+$")


if __name__ == "__main__":
    unittest.main()
