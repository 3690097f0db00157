"""The Optuna sampler in real studies."""

import csv
import math
import multiprocessing
import os
import pickle
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

import hotnas
from hotnas.optuna import HotnasSampler

ROOT = Path(__file__).resolve().parents[3]


def digits():
    """Loss of each design of the table."""
    with open(ROOT / "examples/benchmarks/digits/digits.csv", encoding="utf-8") as table:
        return {row["code"]: float(row["valid_ce"]) for row in csv.DictReader(table)}


def sampler(space=None, **settings):
    """A sampler with few candidates."""
    space = space or hotnas.Space.ready("digits")
    return HotnasSampler(space, **{"preset": "compact", "initial": 4, **settings})


def number(proposer, trial):
    """An objective without a table."""
    return float(proposer.space.index(proposer.genome(trial)) % 911)


def numbers(proposer):
    return lambda trial: number(proposer, trial)


def genomes(proposer, study):
    """Every trial's design."""
    return [tuple(proposer.genome(trial)) for trial in study.trials]


def work(proposer, path, trials):
    """A worker of a study that others share."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = JournalStorage(JournalFileBackend(path))
    optuna.load_study(study_name="shared", storage=storage, sampler=proposer).optimize(
        numbers(proposer), n_trials=trials
    )


class Optuna(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        optuna.logging.set_verbosity(optuna.logging.ERROR)

    def test_finds_the_best_percent_as_the_search_itself(self):
        losses = digits()
        space = hotnas.Space.ready("digits")
        proposer = sampler(space, seed=1)
        study = optuna.create_study(sampler=proposer)
        study.optimize(lambda trial: losses[space.format(proposer.genome(trial))], n_trials=60)
        self.assertLessEqual(sum(loss < study.best_value for loss in losses.values()), 23)
        self.assertEqual(losses[space.format(proposer.genome(study.best_trial))], study.best_value)
        search = hotnas.Search(space, capacity=100, seed=1, preset="compact", initial=4)
        for trial in study.trials:
            proposal = search.ask()
            self.assertEqual(tuple(proposal.genome), tuple(proposer.genome(trial)))
            search.tell(proposal.trial, trial.value)

    def test_results_of_every_kind(self):
        proposer = sampler()
        study = optuna.create_study(sampler=proposer, direction="maximize")
        search = hotnas.Search(proposer.space, capacity=40, preset="compact", initial=4)

        def objective(trial):
            value = number(proposer, trial)
            if trial.number % 5 == 1:
                raise ArithmeticError
            if trial.number % 5 == 3:
                trial.report(value, 0)
                raise optuna.TrialPruned
            return value if trial.number != 12 else math.inf

        study.optimize(objective, n_trials=24, catch=ArithmeticError)
        for trial in study.trials:
            proposal = search.ask()
            self.assertEqual(tuple(proposal.genome), tuple(proposer.genome(trial)))
            if trial.state == TrialState.COMPLETE and trial.number != 12:
                search.tell(proposal.trial, -trial.value)
            else:
                search.fail(proposal.trial)
        self.assertEqual(len(set(genomes(proposer, study))), 24)
        states = [trial.state for trial in study.trials]
        self.assertEqual((states.count(TrialState.FAIL), states.count(TrialState.PRUNED)), (5, 5))

    def test_pending_trials_and_results_in_any_order(self):
        direct = hotnas.Search(
            hotnas.Space.ready("digits"), capacity=12, seed=5, preset="compact", initial=4, pending="greatest"
        )
        for trial in range(6):
            direct.tell(trial, float(direct.space.index(direct.ask().genome) % 911))
        wanted = [direct.ask().genome.tolist() for _ in range(3)]
        direct.tell(6, 3.0)
        direct.tell(8, 700.0)
        wanted += [direct.ask().genome.tolist() for _ in range(2)]
        for order in ((6, 8), (8, 6)):
            proposer = sampler(seed=5, pending="greatest")
            study = optuna.create_study(sampler=proposer)
            study.optimize(numbers(proposer), n_trials=6)
            asked = [proposer.genome(study.ask()).tolist() for _ in range(3)]
            for trial in order:
                study.tell(trial, {6: 3.0, 8: 700.0}[trial])
            asked += [proposer.genome(study.ask()).tolist() for _ in range(2)]
            self.assertEqual(asked, wanted)

    def test_an_interrupted_study_goes_on(self):
        proposer = sampler(seed=2)
        whole = optuna.create_study(sampler=proposer)
        whole.optimize(numbers(proposer), n_trials=12)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                again = sampler(seed=2)
                storage = JournalStorage(JournalFileBackend(os.path.join(folder, "journal.log")))
                study = optuna.create_study(
                    study_name="s", storage=storage, sampler=again, load_if_exists=True
                )
                study.optimize(numbers(again), n_trials=6)
            self.assertEqual(genomes(again, study), genomes(proposer, whole))

    def test_workers_of_one_study_never_repeat_a_design(self):
        proposer = sampler(seed=4)
        spawn = multiprocessing.get_context("spawn")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "journal.log")
            storage = JournalStorage(JournalFileBackend(path))
            study = optuna.create_study(study_name="shared", storage=storage, sampler=proposer)
            workers = [spawn.Process(target=work, args=(proposer, path, 15)) for _ in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            self.assertEqual([worker.exitcode for worker in workers], [0, 0])
            self.assertEqual(len(set(genomes(proposer, study))), 30)
        threads = optuna.create_study(sampler=proposer)
        threads.optimize(numbers(proposer), n_trials=20, n_jobs=3)
        self.assertEqual(len(set(genomes(proposer, threads))), 20)

    def test_of_two_who_choose_the_same_one_chooses_again(self):
        proposer = sampler(seed=6)
        study = optuna.create_study(sampler=proposer)
        study.optimize(numbers(proposer), n_trials=6)
        trial, other = study.ask(), study.ask()
        write = study._storage.set_trial_system_attr
        written = []

        def meanwhile(trial_id, key, value):
            if not written:
                write(other._trial_id, key, value)
            written.append(value)
            write(trial_id, key, value)

        with mock.patch.object(study._storage, "set_trial_system_attr", meanwhile):
            chosen = proposer.genome(trial)
        self.assertEqual(len(written), 2)
        self.assertNotEqual(*written)
        self.assertEqual(chosen.tolist(), written[1])

    def test_designs_of_others(self):
        space = hotnas.Space.ready("digits")
        space.limit(lambda genome: float(space.index(genome)), 1500)
        proposer = sampler(space, seed=3)
        wanted = sampler(seed=3)
        studies = []
        for each in (proposer, wanted):
            study = optuna.create_study(sampler=each)
            study.enqueue_trial(each.genes.parameters(space.genome(700)))
            study.optimize(numbers(each), n_trials=2)
            # The sampler of another engine, a design beyond the limit, and trials of other parameters.
            study.sampler = optuna.samplers.RandomSampler(seed=1)
            study.optimize(lambda trial: each.genome(trial).sum() * 1.0, n_trials=3)
            study.sampler = each
            study.enqueue_trial(each.genes.parameters(space.genome(2000)))
            study.add_trial(
                create_trial(params={"x": 1}, distributions={"x": CategoricalDistribution((1, 2))}, value=1.0)
            )
            study.optimize(numbers(each), n_trials=6)
            studies.append(study)
        for study in studies:
            tried = [tuple(proposer.genome(trial)) for trial in study.trials if "x" not in trial.params]
            self.assertEqual(tried[0], tuple(space.genome(700)))
            self.assertIn(tuple(space.genome(2000)), tried)
        new = [proposer.genome(trial) for trial in studies[0].trials[7:] if "x" not in trial.params]
        self.assertTrue(all(space.index(genome) <= 1500 for genome in new))
        # What was tried by others is known: told to the search itself, it gives the same proposal.
        search = hotnas.Search(wanted.space, capacity=20, seed=3, preset="compact", initial=4)
        *told, last = (trial for trial in studies[1].trials if "x" not in trial.params)
        for trial in told:
            try:
                search.tell_design(wanted.genome(trial), trial.value, trial=trial.number)
            except hotnas.HotnasError as error:  # the random sampler knows of no infeasible genomes
                self.assertEqual(error.status, 71)
        self.assertGreater(len(search), 8)
        self.assertEqual(tuple(search.ask(last.number).genome), tuple(wanted.genome(last)))

    def test_a_waiting_trial_is_pending(self):
        first = sampler(seed=8)
        study = optuna.create_study(sampler=first)
        design = first.genome(study.ask()).tolist()
        study = optuna.create_study(sampler=first)
        study.ask()
        study.enqueue_trial(first.genes.parameters(design))
        again = first.sample_relative(study, study.trials[0], {})
        self.assertNotEqual(first.genes.genome(again).tolist(), design)

    def test_names_and_parameters_that_are_no_genes(self):
        space = hotnas.Space.ready("nas_bench_201")
        operations = ["none", "skip", "conv1", "conv3", "pool"]
        edges = [f"edge_{i}" for i in range(6)]
        named = sampler(space, names={edge: operations for edge in edges})
        plain = sampler(space)
        study, other = optuna.create_study(sampler=named), optuna.create_study(sampler=plain)

        def objective(trial):
            self.assertTrue(0 <= trial.suggest_float("rate", 0, 1) <= 1)
            return number(named, trial)

        study.optimize(objective, n_trials=8)
        other.optimize(numbers(plain), n_trials=8)
        self.assertEqual(genomes(named, study), genomes(plain, other))
        self.assertEqual(sorted(study.best_params), edges + ["rate"])
        self.assertIn(study.best_params["edge_2"], operations)
        for names in (edges[:5], edges[:5] * 2, {edge: operations[:4] for edge in edges}):
            with self.assertRaises(ValueError):
                sampler(space, names=names)
        with self.assertRaises(TypeError):
            sampler(space, nonsense=1)

    def test_two_objectives_and_constraints(self):
        def second(genome):
            return float(genome.sum())

        for setting, directions in ((None, ["minimize", "maximize"]), ("weighted", ["maximize", "minimize"])):
            proposer = sampler(**({} if setting is None else {"second": setting}))
            study = optuna.create_study(sampler=proposer, directions=directions)
            study.optimize(
                lambda trial: (number(proposer, trial), second(proposer.genome(trial))), n_trials=14
            )
            search = hotnas.Search(
                proposer.space, capacity=14, preset="compact", initial=4, second=setting or "hypervolume"
            )
            signs = [1 if each == "minimize" else -1 for each in directions]
            for trial in study.trials:
                proposal = search.ask()
                self.assertEqual(tuple(proposal.genome), tuple(proposer.genome(trial)))
                search.tell(proposal.trial, *(sign * value for sign, value in zip(signs, trial.values)))
            front = {tuple(trial.values) for trial in study.best_trials}
            told = {trial.number: trial.values for trial in study.trials}
            self.assertEqual({tuple(told[trial]) for trial in search.front()}, front)
        limited = sampler(second="limit")
        study = optuna.create_study(sampler=limited)

        def objective(trial):
            if trial.number != 5:
                trial.set_constraint("most", second(limited.genome(trial)) - 9)
                trial.set_constraint("least", 3 - second(limited.genome(trial)))
            return number(limited, trial)

        study.optimize(objective, n_trials=14)
        search = hotnas.Search(limited.space, capacity=14, preset="compact", initial=4, second="limit")
        for trial in study.trials:
            proposal = search.ask()
            self.assertEqual(tuple(proposal.genome), tuple(limited.genome(trial)))
            if trial.number == 5:
                search.fail(proposal.trial)
            else:
                search.tell(proposal.trial, trial.value, max(trial.constraints.values()))
        self.assertEqual(search.best()[1], study.best_value)

    def test_what_no_search_has_is_refused(self):
        for directions, settings in (
            (["minimize"] * 3, {}),
            (["minimize"] * 2, {"second": "limit"}),
            (["minimize"], {"second": "weighted"}),
        ):
            proposer = sampler(**settings)
            study = optuna.create_study(sampler=proposer, directions=directions)
            with self.assertRaisesRegex(ValueError, "objectives"):
                proposer.genome(study.ask())

    def test_an_exhausted_space(self):
        table = hotnas.Operations(count=3)
        space = hotnas.Space(
            table, [3], lambda genome, builder: builder.push(builder.add_cell(genome)), max_nodes=1
        )
        proposer = sampler(space, scan=9)
        study = optuna.create_study(sampler=proposer)
        study.optimize(lambda trial: float(proposer.genome(trial)[0]), n_trials=3)
        self.assertEqual(sorted(genomes(proposer, study)), [(0,), (1,), (2,)])
        with self.assertRaisesRegex(hotnas.HotnasError, "untried"):
            proposer.genome(study.ask())

    def test_a_sampler_can_be_sent(self):
        proposer = pickle.loads(pickle.dumps(sampler(seed=9)))
        study = optuna.create_study(sampler=proposer)
        study.optimize(numbers(proposer), n_trials=6)
        direct = hotnas.Search(proposer.space, capacity=6, seed=9, preset="compact", initial=4)
        for trial in study.trials:
            proposal = direct.ask()
            np.testing.assert_array_equal(proposal.genome, proposer.genome(trial))
            direct.tell(proposal.trial, trial.value)


if __name__ == "__main__":
    unittest.main()
