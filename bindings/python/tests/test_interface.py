"""What the Python layer adds: arrays, errors, callbacks, lifetimes."""

import ctypes
import gc
import os
import pickle
import threading
import unittest

import numpy as np

import hotnas


class Interface(unittest.TestCase):
    def test_errors_carry_their_status(self):
        table = hotnas.Operations.poster()
        for operations, edges, status in (
            ([0, 1], [(0, 1), (1, 0)], 26),
            ([0, 1], [(0, 0)], 24),
            ([0, 1], [(0, 1), (0, 1)], 25),
            ([0, 9], [], 22),
            ([0, 1], [(0, 5)], 23),
            ([], [], 20),
            ([0] * 33, [], 21),
        ):
            with self.assertRaises(hotnas.HotnasError) as caught:
                hotnas.Cell(table, operations, edges)
            self.assertEqual(caught.exception.status, status)
            self.assertTrue(str(caught.exception))
        with self.assertRaises(ValueError):
            hotnas.Cell(table, [0, 300])
        for operations in ([0.9, 1.7], [np.nan, 0], ["a", "b"]):
            with self.assertRaises(ValueError):
                hotnas.Cell(table, operations)
        with self.assertRaises(ValueError):
            hotnas.Cell(table, [0, 1, 2, 3], np.transpose([(0, 1), (1, 2), (2, 3)]))
        with self.assertRaises(ValueError):
            hotnas.Cell(table, [0, 1], attributes=[[1.0], [2.0]])
        with self.assertRaises(ValueError):
            hotnas.Cell(table, [0, 1], masses=[1.0])
        with self.assertRaises(hotnas.HotnasError):
            hotnas.Cell(table, [0, 1], masses=[2.0, -1.0])
        with self.assertRaises(hotnas.HotnasError):
            hotnas.exact([[0.0, np.nan]])

    def test_warm_start(self):
        cost = np.abs(np.subtract.outer([0.0, 3.0, 1.0], [1.0, 0.5, 2.0]))
        cold = hotnas.exact(cost)
        warm = hotnas.exact(cost, start=cold.column_duals)
        self.assertAlmostEqual(warm.cost, cold.cost)
        self.assertAlmostEqual((warm.plan * cost).sum(), cold.cost)
        with self.assertRaises(hotnas.HotnasError):
            hotnas.exact(cost, start=[0.0, np.nan, 0.0])
        with self.assertRaises(hotnas.HotnasError):
            hotnas.Network([])
        with self.assertRaises(TypeError):
            hotnas.Search(hotnas.Space.ready("digits"), capacity=3, nonsense=1)

    def test_objects_keep_what_they_need(self):
        def make():
            table = hotnas.Operations(np.array([[0, 1.0], [1.0, 0]]), groups=[None, [0]])
            metric = hotnas.Metric(table)
            a = hotnas.Cell(table, [0, 1, 0], [(0, 1), (1, 2)])
            b = hotnas.Cell(table, [1, 1, 0], [(0, 1), (0, 2)])
            return metric, hotnas.Network([a, b, a]), hotnas.Network([b])

        metric, x, y = make()
        before = metric.network_distance(x, y).value
        gc.collect()
        junk = [np.full(200, 3.5) for _ in range(200)]
        self.assertEqual(metric.network_distance(x, y).value, before)
        self.assertEqual(len(junk), 200)

    def test_matrices_and_threads(self):
        table = hotnas.Operations.poster()
        metric = hotnas.Metric(table)
        rng = np.random.default_rng(1)
        cells = []
        for _ in range(8):
            n = int(rng.integers(2, 7))
            edges = [(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.5]
            cells.append(hotnas.Cell(table, rng.integers(0, 4, n), edges))
        matrix = metric.cell_matrix(cells)
        self.assertTrue((matrix == matrix.T).all() and (np.diag(matrix) == 0).all())
        cache = hotnas.Cache(table)
        self.assertTrue((metric.cell_matrix(cells, cache) == matrix).all())
        self.assertTrue((metric.cell_distances(cells[3], cells, cache) == matrix[3]).all())
        networks = [hotnas.Network([cells[i], cells[(i * 3) % 8]]) for i in range(8)]
        between = metric.network_matrix(networks)
        self.assertTrue((metric.network_matrix(networks, cache) == between).all())
        self.assertTrue((metric.network_distances(networks[2], networks) == between[2]).all())
        for wanted in (1, 3, 8):
            nearest = metric.nearest_cells(cells[3], cells, wanted, cache)
            order = np.argsort(matrix[3], kind="stable")[:wanted]
            self.assertTrue((nearest.indices == order).all())
            self.assertTrue((nearest.distances == matrix[3][order]).all())
            self.assertLessEqual(nearest.solved, nearest.transports)
            nearest = metric.nearest_networks(networks[2], networks, wanted)
            order = np.argsort(between[2], kind="stable")[:wanted]
            self.assertTrue((nearest.indices == order).all())
            self.assertTrue((nearest.distances == between[2][order]).all())
        with self.assertRaises(hotnas.HotnasError):
            metric.nearest_cells(cells[3], cells, 9)
        answer = metric.compare_cell_distance(cells[3], cells[4], np.inf)
        self.assertTrue(answer.is_nearer and answer.solved and answer.value == matrix[3, 4])
        answer = metric.compare_network_distance(networks[2], networks[4], 0, cache)
        self.assertTrue(not answer.is_nearer and not answer.solved)
        results = [None] * 4

        def work(k):
            results[k] = metric.network_matrix(networks)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(all((r == between).all() for r in results))

    def test_proofs(self):
        rng = np.random.default_rng(3)
        a, b = (np.triu(rng.random((4, 4)), 1) for _ in range(2))
        a, b = a - a.T, b - b.T
        found = {
            effort: hotnas.gromov(np.zeros((4, 4)), a, b, lambda_=0.5, effort=effort)
            for effort in ("thorough", "exact")
        }
        self.assertTrue(found["exact"].proved_optimal and found["exact"].nodes > 0)
        self.assertLessEqual(found["exact"].value, found["thorough"].value)
        self.assertGreaterEqual(found["exact"].lower_bound, 0.9989 * found["exact"].value)
        limited = hotnas.gromov(np.zeros((4, 4)), a, b, lambda_=0.5, effort="exact", nodes=0)
        self.assertEqual(limited.value, found["thorough"].value)
        table = hotnas.Operations.poster()
        metric = hotnas.Metric(table, lambda_=0.5, effort="exact", proof_gap=1e-2, nodes=500)
        x = hotnas.Cell(table, [0, 1, 2, 3], [(0, 1), (1, 2), (2, 3)])
        y = hotnas.Cell(table, [1, 0, 2, 0], [(0, 3), (1, 2)])
        pair = metric.cell_distance(x, y)
        self.assertTrue(pair.proved_optimal)
        outer = metric.network_distance(hotnas.Network([x]), hotnas.Network([y]))
        self.assertTrue(outer.proved_optimal)
        self.assertEqual(outer.nodes, pair.nodes)

    def test_distances_of_the_peers(self):
        table = hotnas.Operations.poster()
        layers = ["convolution3", "convolution1", "maximum_pooling", "dense"]
        x, y = (hotnas.Network([hotnas.Cell(table, [o, 2], [(0, 1)])]) for o in (0, 1))
        parts = {"hotnn": 1, "hotnn_parts": 3, "edit": 1, "weisfeiler_lehman": 1, "summed": 1}
        for distance, count in {**parts, "tree_wasserstein": 3, "otmann": 8}.items():
            metric = hotnas.Metric(table, distance=distance, layers=layers)
            found = metric.network_parts(x, y)
            self.assertEqual(found.shape, (count,))
            self.assertGreater(found.max(), 0)
            solution = metric.network_distance(x, y)
            self.assertEqual(solution.plan is None, not distance.startswith("hotnn"))
            self.assertEqual(solution.value, metric.network_matrix([x, y])[0, 1])
            self.assertFalse(metric.network_parts(x, x).any())
        # Half of the nodes and all pairs move below their class, see core/tests/peers.rs.
        tree = hotnas.Metric(table, distance="tree_wasserstein", layers=layers).network_parts(x, y)
        self.assertAlmostEqual(tree[0], 0.15, places=6)
        with self.assertRaises(hotnas.HotnasError):
            hotnas.Metric(table, distance="otmann")

    def test_entropic_gromov(self):
        rng = np.random.default_rng(5)
        a, b = (np.triu(rng.random((4, 4)), 1) for _ in range(2))
        cost, a, b = rng.random((4, 4)), a + a.T, b + b.T
        best = hotnas.gromov(cost, a, b, lambda_=0.7, pairing="full", effort="exact")
        for method in ("entropic", "proximal"):
            found = hotnas.entropic_gromov(
                cost, a, b, regularisation=0.02, lambda_=0.7, pairing="full", method=method
            )
            self.assertTrue(found.converged and found.iterations > 0)
            self.assertGreaterEqual(found.value, best.lower_bound - 1e-4)
            self.assertTrue(np.allclose(found.plan.sum(0), 0.25, atol=1e-4))
            self.assertTrue(np.allclose(found.plan.sum(1), 0.25, atol=1e-4))
        with self.assertRaises(hotnas.HotnasError):
            hotnas.entropic_gromov(cost, a, b, regularisation=0.0, pairing="full")

    def test_renumbered_cells_are_equal(self):
        table = hotnas.Operations.poster()
        a = hotnas.Cell(table, [0, 1, 2], [(0, 1), (1, 2)])
        b = hotnas.Cell(table, [2, 0, 1], [(1, 2), (2, 0)])
        self.assertEqual(a, b)
        self.assertEqual(hash(a), hash(b))
        self.assertEqual(hotnas.Metric(table).cell_distance(a, b).value, 0.0)

    def test_both_precisions_in_one_process(self):
        path = os.environ.get("HOTNAS_LIBRARY_F32")
        if not path:
            self.skipTest("HOTNAS_LIBRARY_F32 is not set")
        single = hotnas.Library(path)
        self.assertEqual(single.dtype, np.float32)
        values = []
        for library in (hotnas.library(), single):
            table = hotnas.Operations.poster(library)
            a = hotnas.Cell(table, [0, 1, 2, 3], [(0, 1), (1, 2), (0, 3)])
            b = hotnas.Cell(table, [0, 3, 2], [(0, 1), (1, 2)])
            values.append(hotnas.Metric(table).cell_distance(a, b).value)
        self.assertAlmostEqual(values[0], values[1], delta=1e-5)

    def test_joint_posteriors(self):
        gp = hotnas.GaussianProcess(8)
        points = np.array([0.0, 0.4, 1.0, 1.7])
        for i, x in enumerate(points):
            gp.append(np.abs(points[:i] - x), np.sin(x))
        new = np.array([0.2, 0.5, 3.0])
        rows = np.abs(new[:, None] - points)
        mean, variance = gp.posterior(rows)
        joint_mean, covariance = gp.joint_posterior(rows, np.abs(new[:, None] - new))
        np.testing.assert_array_equal(mean, joint_mean)
        np.testing.assert_array_equal(variance, np.diag(covariance))
        np.testing.assert_array_equal(covariance, covariance.T)
        self.assertGreater(np.linalg.eigvalsh(covariance).min(), 0)

    def test_diagnostics(self):
        points = np.random.default_rng(4).random(20)
        gp = hotnas.GaussianProcess(20)
        for i, x in enumerate(points):
            gp.append(np.abs(points[:i] - x), np.sin(6 * x))
        gp.fit()
        mean, variance = gp.leave_one_out()
        found, again = gp.calibration(0.9), hotnas.calibration(np.sin(6 * points), mean, variance, 0.9)
        self.assertEqual(found.coverage, again.coverage)
        self.assertAlmostEqual(found.spread, again.spread)
        rows = np.abs(np.linspace(0, 1, 5)[:, None] - points)
        mean, _, least, lost = gp.clipped_posterior(rows)
        np.testing.assert_allclose(mean, gp.posterior(rows)[0], rtol=1e-6, atol=1e-6)
        self.assertTrue(least > 0 and lost == 0)

    def test_parts_have_length_scales_of_their_own(self):
        points = np.random.default_rng(3).random((12, 2))
        apart = np.abs(points[:, None] - points)
        product, whole = hotnas.GaussianProcess(12, parts=2), hotnas.GaussianProcess(12)
        product.ratios = [1, 0.5]
        for i, x in enumerate(points):
            product.append(apart[i, :i], np.sin(6 * x[1]))
            whole.append(apart[i, :i] @ [1, 2], np.sin(6 * x[1]))
        rows = np.abs(np.array([[0.2, 0.3], [0.5, 0.9]])[:, None] - points)
        mean, covariance = product.joint_posterior(rows, apart[:2, :2])
        np.testing.assert_allclose(mean, whole.posterior(rows @ [1, 2])[0], rtol=1e-9)
        np.testing.assert_array_equal(np.diag(covariance), product.posterior(rows)[1])
        with self.assertRaises(ValueError):
            product.posterior(rows[:, :, 0])
        product.fit()
        self.assertLess(product.ratios[1], product.ratios[0])


def even(genome):
    """A cost that can be pickled."""
    return float(genome.sum() % 2)


def chain(genome, builder):
    """A decode function that can be pickled."""
    builder.push(builder.add_cell(genome, [(i, i + 1) for i in range(len(genome) - 1)]))


class Searches(unittest.TestCase):
    def space(self):
        table = hotnas.Operations.poster()

        def decode(genome, builder):
            kept = [int(g) for g in genome if g < 4]
            if not kept:
                raise hotnas.Infeasible
            index = builder.add_cell(kept, [(i, i + 1) for i in range(len(kept) - 1)])
            builder.push(index)

        return hotnas.Space(table, [5] * 4, decode, max_nodes=4)

    @staticmethod
    def value(genome):
        return float(np.abs(genome.astype(float) - [1, 3, 0, 2]).sum())

    def test_a_python_space(self):
        search = hotnas.Search(self.space(), capacity=40, preset="compact", seed=3, initial=6)
        seen = set()
        for _ in range(30):
            proposal = search.ask()
            seen.add(tuple(proposal.genome))
            search.tell(proposal.trial, self.value(proposal.genome))
        self.assertEqual(len(seen), 30)
        trial, value, genome = search.best()
        self.assertEqual(value, min(self.value(np.array(g)) for g in seen))
        self.assertEqual(value, self.value(genome))
        self.assertEqual(search.trials()[trial].value, value)

    def test_saved_and_restored(self):
        space = self.space()
        first = hotnas.Search(space, capacity=20, preset="compact", initial=4)
        for _ in range(8):
            proposal = first.ask()
            first.tell(proposal.trial, self.value(proposal.genome))
        pending = first.ask()
        second = hotnas.Search(space, capacity=20, preset="compact", initial=4)
        second.restore(first.save())
        self.assertEqual([t.state for t in second.trials()], ["told"] * 8 + ["pending"])
        self.assertTrue((first.ask().genome == second.ask().genome).all())
        second.fail(pending.trial)
        other = hotnas.Metric(space.operations, epsilon=0.25)
        foreign = hotnas.Search(space, other, capacity=20, preset="compact", initial=4)
        limited = self.space()
        limited.limit(lambda genome: 1.0, 0.5)
        for search in (foreign, hotnas.Search(limited, capacity=20, preset="compact", initial=4)):
            with self.assertRaisesRegex(hotnas.HotnasError, "another metric"):
                search.restore(first.save())
            self.assertEqual(len(search), 0)
        third = hotnas.Search(space, capacity=20, preset="compact", initial=4)
        for trial in reversed(first.trials()):
            third.tell_design(trial.genome, trial.value, trial=trial.number, state=trial.state)
        self.assertTrue((first.ask().genome == third.ask().genome).all())

    def test_batches(self):
        for rule in ("sequential", "top", "local_penalisation", "determinantal"):
            search = hotnas.Search(
                self.space(), capacity=40, preset="compact", initial=5, batch=rule, pending="greatest"
            )
            for _ in range(6):
                proposal = search.ask()
                search.tell(proposal.trial, self.value(proposal.genome))
            batch = search.ask_batch(4)
            self.assertEqual([trial for trial, _ in batch], [6, 7, 8, 9])
            self.assertEqual(len({tuple(genome) for _, genome in batch}), 4)
            for trial, genome in batch:
                search.tell(trial, self.value(genome))
            with self.assertRaises(hotnas.HotnasError):
                search.ask_batch(40)
            self.assertEqual(len(search), 10)

    def test_a_search_over_parts(self):
        metric = hotnas.Metric(self.space().operations, distance="hotnn_parts")
        search = hotnas.Search(self.space(), metric, capacity=20, preset="compact", parts=3)
        for trial in range(14):
            search.tell(trial, self.value(search.ask().genome))
        with self.assertRaises(hotnas.HotnasError):
            hotnas.Search(self.space(), capacity=20, parts=9)
        control = hotnas.Search(self.space(), capacity=20, preset="compact", method="pool")
        for trial in range(14):
            proposal = control.ask()
            control.tell(trial, self.value(proposal.genome))
            self.assertEqual(proposal.candidates > 0, trial >= 10)

    def test_second_numbers_and_limits(self):
        def cost(genome):
            return float(genome.sum())

        for second in ("limit", "weighted", "hypervolume"):
            search = hotnas.Search(
                self.space(), capacity=40, preset="compact", initial=6, second=second, second_limit=9
            )
            for _ in range(20):
                proposal = search.ask()
                with self.assertRaises(hotnas.HotnasError):
                    search.tell(proposal.trial, 1.0)
                search.tell(proposal.trial, self.value(proposal.genome), cost(proposal.genome))
            told = {t.number: (t.value, t.second) for t in search.trials()}
            if second == "limit":
                trial, value, _ = search.best()
                self.assertEqual(value, min(v for v, s in told.values() if s <= 9))
            self.assertTrue(np.isfinite(search.evidence()))
            front = search.front()
            for trial in front:
                self.assertFalse(
                    any(v <= told[trial][0] and s < told[trial][1] for v, s in told.values())
                )
            again = hotnas.Search(
                self.space(), capacity=40, preset="compact", initial=6, second=second, second_limit=9
            )
            again.restore(search.save())
            self.assertEqual([t.second for t in again.trials()], [t.second for t in search.trials()])
            self.assertEqual(again.front(), front)
        space = self.space()
        space.limit(cost, 8)
        search = hotnas.Search(space, capacity=20, preset="compact", initial=6)
        for _ in range(12):
            proposal = search.ask()
            self.assertLessEqual(cost(proposal.genome), 8)
            search.tell(proposal.trial, self.value(proposal.genome))

    def test_what_decode_raises_is_raised_again(self):
        table = hotnas.Operations.poster()

        def bad(genome, builder):
            raise KeyError("no such thing")

        def cyclic(genome, builder):
            builder.add_cell([0, 1], [(0, 1), (1, 0)])

        for decode, error in ((bad, KeyError), (cyclic, hotnas.HotnasError)):
            space = hotnas.Space(table, [2, 2], decode, max_nodes=2)
            search = hotnas.Search(space, capacity=4, preset="compact")
            with self.assertRaises(error):
                search.ask()
            self.assertEqual(len(search), 0)

    def test_numbers_out_of_range_are_refused(self):
        space = self.space()
        for wrong in ({"capacity": -1}, {"seed": -1}, {"seed": 2**64}, {"initial": 2**32}):
            with self.assertRaises((OverflowError, ctypes.ArgumentError)):
                hotnas.Search(space, **{"capacity": 4, **wrong})
        search = hotnas.Search(space, capacity=4, preset="compact")
        trial = search.ask().trial
        for call in (lambda: search.ask(-1), lambda: search.tell(trial + 2**32, 1.0), lambda: search.fail(-1)):
            with self.assertRaises((OverflowError, ctypes.ArgumentError)):
                call()
        search.tell(trial, 1.0)
        kinds, edges = [hotnas.ModuleKind()], [(0, 1)]
        for kind, width in ((hotnas.ModuleKind(cells=257), 0), (kinds[0], 256)):
            with self.assertRaises((OverflowError, ctypes.ArgumentError)):
                hotnas.JointSpace([kind], edges, [3], shortest=1, longest=2, nodes=2, width=width)

    def test_decode_may_use_metrics_but_not_the_search(self):
        table = hotnas.Operations.poster()
        metric, cache = hotnas.Metric(table), hotnas.Cache(table)
        long = [hotnas.Cell(table, [k % 4] * 30, [(i, i + 1) for i in range(29)]) for k in range(2)]
        plain = self.space()
        searches, errors = [], set()

        def decode(genome, builder):
            metric.cell_distance(*long)
            for use in (lambda: searches[0].save(), lambda: metric.cell_distances(long[0], long, cache)):
                try:
                    use()
                except RuntimeError as error:
                    errors.add(str(error))
            kept = [int(g) for g in genome if g < 4]
            if not kept:
                raise hotnas.Infeasible
            builder.push(builder.add_cell(kept, [(i, i + 1) for i in range(len(kept) - 1)]))

        asked = []
        for space in (hotnas.Space(table, [5] * 4, decode, max_nodes=4), plain):
            search = hotnas.Search(space, capacity=12, preset="compact", seed=3, initial=4, cache=cache)
            searches.append(search)
            asked.append([])
            for _ in range(12):
                proposal = search.ask()
                asked[-1].append(tuple(proposal.genome))
                search.tell(proposal.trial, self.value(proposal.genome))
        self.assertEqual(*asked)
        self.assertEqual(len(errors), 2)
        exact = hotnas.Metric(table, effort="exact", nodes=20)
        self.assertTrue(np.isfinite(searches[1].evidence(exact)))

    def test_ready_spaces(self):
        for name, count, text in (
            ("trans_nas_macro", 3256, "64-1234-basic"),
            ("digits", 2352, "NRN-312"),
            ("trans_nas_micro", 4096, "64-41414-1_02_333"),
            (
                "nas_bench_101",
                2**21 * 3**5,
                "100000_10000_1000_100_10_1+conv3x3-bn-relu+maxpool3x3+conv1x1-bn-relu"
                "+maxpool3x3+maxpool3x3",
            ),
            (
                "nas_bench_201",
                15625,
                "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|",
            ),
        ):
            space = hotnas.Space.ready(name)
            self.assertEqual(len(space), count)
            genome = space.parse(text)
            self.assertEqual(space.format(genome), text)
            self.assertTrue((space.genome(space.index(genome)) == genome).all())
            with self.assertRaises(hotnas.HotnasError):
                space.parse("nonsense")
            search = hotnas.Search(space, capacity=8, preset="compact", initial=3)
            for _ in range(6):
                proposal = search.ask()
                search.tell(proposal.trial, float(space.index(proposal.genome)))

    def test_pickled(self):
        table = hotnas.Operations([[0, 1, 0.5], [1, 0, 1], [0.5, 1, 0]], groups=[None, [0, 2]])
        own = hotnas.Space(table, [3] * 4, chain, max_nodes=4)
        kinds, edges = [hotnas.ModuleKind(), hotnas.ModuleKind(widen=1, halve=1, step=4)], [(0, 1), (0, 2), (1, 2)]
        joint = hotnas.JointSpace(kinds, edges, range(2, 7), shortest=2, longest=4, nodes=3, width=3, side=3)
        for space in (own, joint, hotnas.Space.ready("digits"), hotnas.ReadySpace.darts(9)):
            space.limit(even, 0.5)
            metric = hotnas.Metric(space.operations, epsilon=0.3)
            search = hotnas.Search(space, metric, capacity=9, preset="compact", initial=3, seed=7)
            for trial in range(4):
                search.tell(trial, float(search.ask().genome.sum()))
            again = pickle.loads(pickle.dumps(search))
            self.assertEqual(again.ask().genome.tolist(), search.ask().genome.tolist())
            self.assertTrue(all(even(trial.genome) == 0 for trial in again.trials()))
        poster = pickle.loads(pickle.dumps(hotnas.Operations.poster()))
        self.assertEqual(poster.count, 4)
        self.assertIs(pickle.loads(pickle.dumps(hotnas.library())), hotnas.library())
        path = os.environ.get("HOTNAS_LIBRARY_F32")
        if path:
            single = pickle.loads(pickle.dumps(hotnas.Space.ready("digits", library=hotnas.Library(path))))
            self.assertEqual(single.operations._lib.dtype, np.float32)

    def test_genes(self):
        space = hotnas.Space.ready("nas_bench_201")
        self.assertEqual(space.cardinalities.tolist(), [5] * 6)
        genes = hotnas.Genes(space, {f"edge {i}": "abcde" for i in range(6)})
        genome = space.genome(9876)
        named = genes.parameters(genome)
        self.assertEqual(named["edge 2"], "abcde"[genome[2]])
        for each in (genes, pickle.loads(pickle.dumps(genes))):
            self.assertEqual(each.genome({**named, "rate": 0.1}).tolist(), genome.tolist())
        with self.assertRaises(KeyError):
            genes.genome({"edge 1": "a"})
        with self.assertRaises(ValueError):
            genes.genome({**named, "edge 1": "f"})

    def test_darts(self):
        space = hotnas.ReadySpace.darts(8)
        self.assertEqual(len(space), 0)
        with self.assertRaises(hotnas.HotnasError):
            hotnas.ReadySpace.darts(7)
        search = hotnas.Search(space, capacity=6, preset="compact", initial=3)
        for _ in range(5):
            proposal = search.ask()
            text = space.format(proposal.genome)
            self.assertTrue((space.parse(text) == proposal.genome).all())
            search.tell(proposal.trial, float(text.count("sep_conv")))

    def test_joint_space(self):
        kinds = [hotnas.ModuleKind(), hotnas.ModuleKind(widen=1, halve=1, step=4)]
        edges = [(0, 1), (0, 2), (1, 2)]
        space = hotnas.JointSpace(
            kinds, edges, range(2, 7), shortest=2, longest=4, nodes=3, width=3, side=3
        )
        self.assertEqual(len(space), 28 * 125)
        genome = space.parse("121-312")
        self.assertEqual(space.format(genome), "121-312")
        self.assertTrue((space.genome(space.index(genome)) == genome).all())
        with self.assertRaises(hotnas.HotnasError):
            hotnas.JointSpace(kinds, edges, range(2, 7), shortest=2, longest=4, nodes=2)
        search = hotnas.Search(space, capacity=8, preset="compact", initial=3)
        for _ in range(6):
            proposal = search.ask()
            search.tell(proposal.trial, float(space.index(proposal.genome)))


if __name__ == "__main__":
    unittest.main()
