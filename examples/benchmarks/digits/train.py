#!/usr/bin/env python3
"""Train every network of a small architecture space on the 8x8 digits.

    python train.py                 train all networks, then write digits.csv
                                    (after an interruption it goes on)
    python train.py --workers 4     the same with four processes
    python train.py --report        figures of digits.csv (needs no torch)
    python train.py --check         grouped training against separate training
                                    (about a minute)

The space, the protocol and the columns are described in README.md.

All seeds of a network are trained at once, as one model whose convolutions
have one group for each seed. Channels of different seeds never meet, batch
normalisation works by channel, and the loss is the sum of the losses of the
seeds, so every seed follows the path it would follow alone.
"""
import argparse
import csv
import itertools
import math
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))

# The protocol. A change of any of these makes another benchmark.
SEEDS = tuple(range(6))
WIDTH = 8                     # channels after the stem
TRAIN, VALID = 500, 900       # images; the other 397 are for testing
EPOCHS, BATCH = 15, 125
LR, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4

NONE, SKIP, CONV1, CONV3, POOL = range(5)
CLASSES, SIDE = 10, 8


# ---------------------------------------------------------------- the space

def all_codes():
    """The 2352 distinct networks in the order of digits.csv: by the number of
    modules, then by the macro string (N before R), then by the cell digits."""
    macros = [''.join(m) for n in (2, 3, 4) for m in itertools.product('NR', repeat=n)]
    cells = [(a, b, c) for a, b, c in itertools.product(range(5), repeat=3)
             if (a == NONE) == (c == NONE) and (a, b, c) != (0, 0, 0)]
    return ['%s-%d%d%d' % ((m,) + cell) for m in macros for cell in cells]


def parse(code):
    macro, cell = code.split('-')
    return macro, tuple(int(d) for d in cell)


def size(code):
    """Trainable parameters, and multiply-accumulates of the convolutions and
    of the linear layer for one image (padded positions counted)."""
    macro, cell = parse(code)
    channels, side = WIDTH, SIDE
    params = 9 * channels + 2 * channels
    macs = 9 * channels * side * side
    for kind in macro:
        if kind == 'R':
            side = (side + 1) // 2
            params += 2 * channels * channels + 4 * channels
            macs += 2 * channels * channels * side * side
            channels *= 2
        for op in cell:
            taps = {CONV1: 1, CONV3: 9}.get(op, 0)
            params += taps * channels * channels + (2 * channels if taps else 0)
            macs += taps * channels * channels * side * side
    params += 2 * channels + CLASSES * channels + CLASSES
    macs += CLASSES * channels
    return params, macs


# ------------------------------------------------------------- the networks
# Everything below that needs torch is in one function, so that --report runs
# without it.

def load_torch():
    global torch, nn, F, Net
    import torch
    from torch import nn
    import torch.nn.functional as F
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)

    class Conv(nn.Module):
        """ReLU (unless it is the first), convolution, batch normalisation."""

        def __init__(self, cin, cout, kernel, rngs, relu=True):
            super().__init__()
            self.groups, self.relu = len(rngs), relu
            self.weight = nn.Parameter(torch.cat(
                [nn.init.orthogonal_(torch.empty(cout, cin, kernel, kernel), math.sqrt(2), g)
                 for g in rngs]))
            self.bn = nn.BatchNorm2d(cout * len(rngs), momentum=0.0)

        def forward(self, x):
            if self.relu:
                x = F.relu(x)
            w, pad = self.weight, self.weight.shape[-1] // 2
            if x.shape[-1] == 1:              # one pixel: only the middle tap counts
                x = grouped_linear(x, w[:, :, pad, pad], self.groups)
            else:
                x = F.conv2d(x, w, padding=pad, groups=self.groups)
            return self.bn(x)

    def grouped_linear(x, w, groups):
        """x (B, groups*cin, 1, 1), w (groups*cout, cin): a convolution of one pixel."""
        x = x.reshape(x.shape[0], groups, -1).transpose(0, 1)
        y = torch.bmm(x, w.view(groups, -1, w.shape[1]).transpose(1, 2))
        return y.transpose(0, 1).reshape(x.shape[1], -1, 1, 1)

    class Pool(nn.Module):
        def forward(self, x):
            if x.shape[-1] == 1:
                return x
            return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)

    class Cell(nn.Module):
        def __init__(self, channels, cell, rngs):
            super().__init__()
            self.e01, self.e02, self.e12 = (
                {NONE: lambda: None, SKIP: nn.Identity, POOL: Pool,
                 CONV1: lambda: Conv(channels, channels, 1, rngs),
                 CONV3: lambda: Conv(channels, channels, 3, rngs)}[op]() for op in cell)

        def forward(self, x):
            terms = []
            if self.e02 is not None:
                terms.append(self.e02(x))
            if self.e01 is not None and self.e12 is not None:
                terms.append(self.e12(self.e01(x)))
            return terms[0] if len(terms) == 1 else terms[0] + terms[1]

    class Reduce(nn.Module):
        """Half the resolution (2x2 mean, rounded up: one pixel stays one pixel),
        twice the channels (ReLU, 1x1 convolution, batch normalisation)."""

        def __init__(self, channels, rngs):
            super().__init__()
            self.conv = Conv(channels, 2 * channels, 1, rngs)

        def forward(self, x):
            return self.conv(F.avg_pool2d(x, 2) if x.shape[-1] > 1 else x)

    class Net(nn.Module):
        """The network of a code, once for each seed. The input has one channel
        for each seed; the output is (images, seeds, classes)."""

        def __init__(self, code, seeds):
            super().__init__()
            macro, cell = parse(code)
            rngs = [torch.Generator().manual_seed(1000 + s) for s in seeds]
            channels = WIDTH
            layers = [Conv(1, channels, 3, rngs, relu=False)]
            for kind in macro:
                if kind == 'R':
                    layers.append(Reduce(channels, rngs))
                    channels *= 2
                layers.append(Cell(channels, cell, rngs))
            self.layers = nn.Sequential(*layers)
            self.seeds = len(seeds)
            self.bn = nn.BatchNorm2d(channels * len(seeds), momentum=0.0)
            self.head = nn.Parameter(torch.zeros(len(seeds), channels, CLASSES))
            self.bias = nn.Parameter(torch.zeros(len(seeds), 1, CLASSES))

        def forward(self, x):
            x = F.relu(self.bn(self.layers(x))).mean((2, 3))
            x = x.view(x.shape[0], self.seeds, -1).transpose(0, 1)
            return (torch.bmm(x, self.head) + self.bias).transpose(0, 1)


def load_data():
    """The three parts (images, labels), drawn by class with a fixed seed."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    digits = load_digits()
    x, y = digits.images, digits.target
    xt, xr, yt, yr = train_test_split(x, y, train_size=TRAIN, stratify=y, random_state=0)
    xv, xs, yv, ys = train_test_split(xr, yr, train_size=VALID, stratify=yr, random_state=0)
    mean, std = xt.mean(), xt.std()
    return [(torch.tensor((a - mean) / std, dtype=torch.float32).unsqueeze(1), torch.tensor(b))
            for a, b in ((xt, yt), (xv, yv), (xs, ys))]


def train(code, seeds, data):
    """Train a network with these seeds. Returns the seconds of training and,
    for the validation and the test part, the losses and the accuracies (%) by
    seed."""
    (x, y), *parts = data
    k = len(seeds)
    net = Net(code, seeds).to(x.dtype, memory_format=torch.channels_last)
    opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM, nesterov=True,
                          weight_decay=WEIGHT_DECAY, fused=True)
    orders = [torch.Generator().manual_seed(2000 + s) for s in seeds]
    steps, step = EPOCHS * math.ceil(len(x) / BATCH), 0
    start = time.perf_counter()
    net.train()
    for _ in range(EPOCHS):
        perm = torch.stack([torch.randperm(len(x), generator=g) for g in orders], 1)
        for rows in perm.split(BATCH):
            opt.param_groups[0]['lr'] = LR * (1 - step / steps)
            xb = x[rows].flatten(1, 2).contiguous(memory_format=torch.channels_last)
            loss = F.cross_entropy(net(xb).flatten(0, 1), y[rows].flatten(), reduction='sum')
            opt.zero_grad()
            (loss / len(rows)).backward()
            opt.step()
            step += 1
    spread = lambda a: a.expand(-1, k, -1, -1).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        # Batch normalisation: the statistics of the whole training part.
        for m in net.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.momentum = 1.0
        net(spread(x))
        seconds = time.perf_counter() - start
        net.eval()
        result = []
        for a, b in parts:
            logits = net(spread(a)).double()
            labels = b[:, None].expand(-1, k)
            ce = F.cross_entropy(logits.transpose(1, 2), labels, reduction='none').mean(0)
            acc = 100 * (logits.argmax(2) == labels).double().mean(0)
            result += [ce.tolist(), acc.tolist()]
    return seconds, result


# ------------------------------------------------------------------ the table

def columns():
    return (['code', 'modules', 'valid_ce', 'valid_acc', 'test_ce', 'test_acc']
            + ['valid_ce_s%d' % s for s in SEEDS] + ['params', 'macs', 'train_seconds'])


def start_worker():
    global DATA
    load_torch()
    DATA = load_data()


def make_row(code):
    seconds, (vce, vacc, sce, sacc) = train(code, SEEDS, DATA)
    mean = statistics.fmean
    return ([code, len(parse(code)[0]), '%.6f' % mean(vce), '%.4f' % mean(vacc),
             '%.6f' % mean(sce), '%.4f' % mean(sacc)]
            + ['%.6f' % v for v in vce] + list(size(code)) + ['%.2f' % seconds])


def read_part(path):
    """Finished rows by code. A line cut by an interruption is dropped."""
    rows = {}
    if os.path.exists(path):
        with open(path, newline='') as f:
            for row in csv.reader(f):
                if len(row) == len(columns()) and row[0] in KNOWN:
                    rows[row[0]] = row
    return rows


def run(args):
    """Train the missing networks, in a fixed mixed order so that the time left
    can be judged, and write the table when none is missing."""
    import multiprocessing
    import random
    os.makedirs(args.parts, exist_ok=True)
    part = os.path.join(args.parts, '-'.join(str(v) for v in (      # one for a protocol
        'digits', len(SEEDS), WIDTH, TRAIN, VALID, EPOCHS, BATCH, LR, MOMENTUM, WEIGHT_DECAY
    )) + '.csv')
    codes = all_codes()
    rows = read_part(part)
    todo = [c for c in codes if c not in rows]
    random.Random(0).shuffle(todo)
    start, tty = time.time(), sys.stderr.isatty()
    if todo:
        with open(part, 'a', newline='') as f, \
                multiprocessing.get_context('spawn').Pool(args.workers, start_worker) as pool:
            out = csv.writer(f, lineterminator='\n')
            if f.tell():
                f.write('\n')                 # ends a line cut by an interruption
            for n, row in enumerate(pool.imap_unordered(make_row, todo), 1):
                rows[row[0]] = row
                out.writerow(row)
                f.flush()
                left = (time.time() - start) / n * (len(todo) - n)
                text = '%d of %d networks, %d min %02d s left' % (
                    len(rows), len(codes), left // 60, left % 60)
                if tty:
                    bar = '#' * (30 * len(rows) // len(codes))
                    sys.stderr.write('\r[%-30s] %s ' % (bar, text))
                elif n % 50 == 0 or n == len(todo):
                    sys.stderr.write(text + '\n')
                sys.stderr.flush()
        if tty:
            sys.stderr.write('\n')
    with open(args.csv, 'w', newline='') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow(columns())
        out.writerows(rows[c] for c in codes)
    print('wrote %s: %d networks' % (args.csv, len(codes)))


def check(args):
    """Grouped training against separate training, for networks with every
    kind of layer, in single (as in the table) and in double precision: the
    largest difference of a validation loss."""
    start_worker()
    double = [(a.double(), b) for a, b in DATA]
    print('code      seed std   difference in single and in double precision')
    worst = 0.0
    for code in ('NRN-312', 'NN-020', 'RNR-414', 'NRRR-131', 'RRRR-343'):
        assert size(code)[0] == sum(p.numel() for p in Net(code, SEEDS[:1]).parameters())
        diffs = []
        for data in (DATA, double):
            together = train(code, SEEDS, data)[1][0]
            alone = [train(code, (s,), data)[1][0][0] for s in SEEDS]
            diffs.append(max(abs(a - b) for a, b in zip(together, alone)))
        print('%-9s %8.1e   %8.1e %8.1e' % (code, statistics.stdev(together), *diffs))
        worst = max(worst, diffs[1])
    assert worst < 1e-9
    print('grouped and separate training agree to %.1e in double precision' % worst)


# ----------------------------------------------------------------- the report

def ranks(values):
    """Ranks from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    out, i = [0.0] * len(values), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in order[i:j + 1]:
            out[k] = (i + j) / 2 + 1
        i = j + 1
    return out


def spearman(a, b):
    return statistics.correlation(ranks(a), ranks(b))


def report(args):
    with open(args.csv, newline='') as f:
        rows = [{k: v if k == 'code' else float(v) for k, v in r.items()}
                for r in csv.DictReader(f)]
    assert [r['code'] for r in rows] == all_codes(), 'codes or order'
    for r in rows:
        r['seeds'] = [r['valid_ce_s%d' % s] for s in SEEDS]
        assert all(math.isfinite(v) for k, v in r.items() if k not in ('code', 'seeds'))
        assert abs(statistics.fmean(r['seeds']) - r['valid_ce']) < 2e-6, r['code']
        assert (r['params'], r['macs']) == size(r['code']), r['code']
    print('%d networks, every code once and in order; no value missing or infinite; valid_ce '
          'is the mean of the seeds; params and macs agree with the code' % len(rows))

    best = sorted(rows, key=lambda r: r['valid_ce'])
    loss = [r['valid_ce'] for r in best]
    print('\nvalid_ce: min %.4f  quartiles %.4f %.4f %.4f  max %.4f'
          % (loss[0], *statistics.quantiles(loss, n=4, method='inclusive'), loss[-1]))

    print('\n%-22s %8s %8s %10s %7s %10s %7s' % (
        'networks', 'number', 'spread', 'seed std', 'ratio', 'error', 'ratio'))
    for name, part in (('best 1 %', 0.01), ('best 5 %', 0.05), ('best 25 %', 0.25), ('all', 1)):
        top = best[:math.ceil(part * len(best))]
        spread = top[-1]['valid_ce'] - top[0]['valid_ce']
        std = math.sqrt(statistics.fmean(statistics.variance(r['seeds']) for r in top))
        error = std / math.sqrt(len(SEEDS))
        print('%-22s %8d %8.4f %10.4f %7.2f %10.4f %7.2f'
              % (name, len(top), spread, std, std / spread, error, error / spread))

    half = len(SEEDS) // 2
    for name, top in (('all', rows), ('best 5 %', best[:math.ceil(0.05 * len(best))])):
        print('rank correlation of the first and the last %d seeds, %s: %.3f' % (
            half, name, spearman([statistics.fmean(r['seeds'][:half]) for r in top],
                                 [statistics.fmean(r['seeds'][-half:]) for r in top])))

    column = lambda k: [r[k] for r in rows]
    print()
    for a, b in (('params', 'valid_ce'), ('macs', 'valid_ce'), ('modules', 'valid_ce'),
                 ('valid_ce', 'test_ce'), ('valid_ce', 'valid_acc')):
        print('rank correlation of %s and %s: %.3f' % (a, b, spearman(column(a), column(b))))
    top = best[:math.ceil(0.05 * len(best))]
    print('rank correlation of valid_ce and test_ce, best 5 %%: %.3f'
          % spearman([r['valid_ce'] for r in top], [r['test_ce'] for r in top]))

    print('\nby the number of reduction modules: networks, best and median valid_ce')
    for n in range(5):
        part = [r['valid_ce'] for r in rows if r['code'].count('R') == n]
        print('%d  %4d  %.4f  %.4f' % (n, len(part), min(part), statistics.median(part)))

    same = {}
    for r in rows:
        same.setdefault(tuple(round(v, 3) for v in r['seeds']), []).append(r['code'])
    print('\ndifferent rows when the losses of the seeds are rounded to 3 decimals: %d of %d'
          % (len(same), len(rows)))

    print('training: %.2f core hours, %.2f s for a network (all %d seeds; longest %.2f s)' % (
        sum(column('train_seconds')) / 3600, statistics.fmean(column('train_seconds')),
        len(SEEDS), max(column('train_seconds'))))

    print('\n| code | valid_ce | seed std | valid_acc | test_ce | test_acc | params | macs |')
    print('|---|---|---|---|---|---|---|---|')
    for r in best[:10]:
        print('| %s | %.4f | %.4f | %.2f | %.4f | %.2f | %d | %d |' % (
            r['code'], r['valid_ce'], statistics.stdev(r['seeds']), r['valid_acc'],
            r['test_ce'], r['test_acc'], r['params'], r['macs']))


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--workers', type=int, default=os.cpu_count(), help='processes')
    p.add_argument('--csv', default=os.path.join(HERE, 'digits.csv'), help='the table')
    p.add_argument('--parts', default=os.path.join(HERE, 'parts'),
                   help='directory of the finished rows of an interrupted run')
    p.add_argument('--report', action='store_true', help='print the figures of the table')
    p.add_argument('--check', action='store_true',
                   help='compare grouped with separate training')
    args = p.parse_args()
    (report if args.report else check if args.check else run)(args)


KNOWN = set(all_codes())
if __name__ == '__main__':
    main()
