"""The Ray Tune searcher, driven as Tune drives it, without a cluster."""

import importlib.util
import os
import pickle
import tempfile
import unittest

import numpy as np

import hotnas
from test_optuna import digits

if importlib.util.find_spec("ray") is None:
    raise unittest.SkipTest("Ray has no package for this machine")

from ray.tune.search import ConcurrencyLimiter, Searcher

from hotnas.ray import HotnasSearcher


def searcher(space=None, **settings):
    """A searcher with few candidates."""
    space = space or hotnas.Space.ready("digits")
    return HotnasSearcher(space, **{"metric": "loss", "preset": "compact", "initial": 4, **settings})


def search(space=None, **settings):
    """The search that it ought to be."""
    space = space or hotnas.Space.ready("digits")
    return hotnas.Search(space, **{"capacity": 99, "preset": "compact", "initial": 4, **settings})


def number(proposer, config):
    """A loss without a table."""
    return float(proposer.space.index(proposer.genes.genome(config)) % 911)


class Ray(unittest.TestCase):
    def test_finds_the_best_percent_as_the_search_itself(self):
        losses, proposer, direct = digits(), searcher(seed=1), search(seed=1)
        found = []
        for i in range(60):
            config = proposer.suggest(f"trial {i}")
            proposal = direct.ask()
            self.assertEqual(proposer.genes.genome(config).tolist(), proposal.genome.tolist())
            self.assertEqual(sorted(config), [f"gene_{i}" for i in range(7)])
            loss = losses[proposer.space.format(proposal.genome)]
            proposer.on_trial_result(f"trial {i}", {"loss": 2 * loss})
            proposer.on_trial_complete(f"trial {i}", {"loss": loss, "training_iteration": 1})
            direct.tell(proposal.trial, loss)
            found.append(loss)
        self.assertLessEqual(sum(loss < min(found) for loss in losses.values()), 23)

    def test_results_of_every_kind_and_in_any_order(self):
        proposer, direct = searcher(mode="max"), search()
        limited = ConcurrencyLimiter(proposer, max_concurrent=4)
        for round in range(5):
            names = [f"{round} {i}" for i in range(4)]
            configs = [limited.suggest(name) for name in names]
            self.assertIsNone(limited.suggest("one too many"))
            genomes = [direct.ask().genome for _ in names]
            self.assertEqual([proposer.genes.genome(config).tolist() for config in configs], np.array(genomes).tolist())
            limited.on_trial_complete(names[2], {"loss": number(proposer, configs[2])})
            limited.on_trial_complete(names[1], {"loss": number(proposer, configs[1])}, error=True)
            limited.on_trial_complete(names[3], {"loss": np.nan} if round % 2 else {"other": 1.0})
            limited.on_trial_complete(names[0], error=True) if round % 2 else limited.on_trial_complete(names[0])
            direct.tell(4 * round + 2, -number(proposer, configs[2]))
            for i in (0, 1, 3):
                direct.fail(4 * round + i)
        proposer.on_trial_complete("never suggested", {"loss": 1.0})
        # Tune may run a failed trial again under its name.
        proposer.on_trial_complete("4 0", {"loss": 5.0})
        proposer.on_trial_complete("4 0", error=True)
        direct.tell_design(genomes[0], -5.0)
        config = proposer.suggest("last")
        self.assertEqual(proposer.genes.genome(config).tolist(), direct.ask().genome.tolist())

    def test_designs_of_others(self):
        proposer, direct = searcher(), search()
        for index in range(0, 2300, 100):
            genome = proposer.space.genome(index)
            proposer.add_evaluated_point(proposer.genes.parameters(genome), index / 7, error=index == 500)
            direct.tell_design(genome, index / 7, state="failed" if index == 500 else "told")
        config = proposer.suggest("new")
        self.assertEqual(proposer.genes.genome(config).tolist(), direct.ask().genome.tolist())

    def test_saved_and_sent_searchers_go_on(self):
        proposer = searcher(seed=3)
        for i in range(17):
            config = proposer.suggest(str(i))
            if i != 7:
                proposer.on_trial_complete(str(i), {"loss": number(proposer, config)})
        with tempfile.TemporaryDirectory() as folder:
            proposer.save_to_dir(folder)
            restored = searcher(seed=3)
            restored.restore_from_dir(folder)
            other = searcher(seed=4)
            with self.assertRaises(hotnas.HotnasError):
                other.restore(os.path.join(folder, os.listdir(folder)[0]))
        sent = pickle.loads(pickle.dumps(proposer))
        for each in (proposer, restored, sent):
            each.on_trial_complete("7", {"loss": 1.0})
        first, *others = ([each.suggest(name) for name in ("a", "b")] for each in (proposer, restored, sent))
        self.assertEqual(others, [first, first])

    def test_two_results(self):
        for settings, modes in (
            ({}, ["max", "min"]),
            ({"second": "weighted"}, ["min", "max"]),
            ({"second": "limit", "second_limit": 9.0}, ["min", "min"]),
        ):
            proposer = searcher(metric=["loss", "size"], mode=modes, **settings)
            direct = search(**{"second": "hypervolume", **settings})
            signs = [-1 if mode == "max" else 1 for mode in modes]
            for i in range(12):
                config = proposer.suggest(str(i))
                genome = proposer.genes.genome(config)
                self.assertEqual(genome.tolist(), direct.ask().genome.tolist())
                values = number(proposer, config), float(genome.sum())
                proposer.on_trial_complete(str(i), {"loss": values[0], "size": values[1]})
                direct.tell(i, signs[0] * values[0], signs[1] * values[1])
        for wrong in (
            {"metric": ["a", "b", "c"], "mode": ["min"] * 3},
            {"metric": ["a", "b"], "mode": ["min", "obs"]},
            {"metric": ["a", "b"], "mode": ["min", "max"], "second": "limit"},
            {"metric": ["a", "b"], "mode": ["min", "min"], "second": "none"},
            {"second": "weighted"},
        ):
            with self.assertRaises(ValueError):
                searcher(**wrong)

    def test_an_exhausted_space_ends_the_experiment(self):
        table = hotnas.Operations(count=3)
        space = hotnas.Space(
            table, [3], lambda genome, builder: builder.push(builder.add_cell(genome)), max_nodes=1
        )
        proposer = searcher(space, scan=9, names={"layer": ["a", "b", "c"]})
        self.assertEqual(sorted(proposer.suggest(str(i))["layer"] for i in range(3)), ["a", "b", "c"])
        self.assertEqual(proposer.suggest("3"), Searcher.FINISHED)


if __name__ == "__main__":
    unittest.main()
