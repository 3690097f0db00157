"""Compare neural networks by hierarchical optimal transport and choose the next one to try.

A thin layer over the C library: numpy arrays in, numpy arrays out. It finds the library through the
environment variable ``HOTNAS_LIBRARY``, beside this package, or where ``cargo xtask dist`` puts it.
The interpreter's lock is released during every call.
"""

from ._abi import HotnasError, Library, library
from ._cells import Cell, Network, Operations
from ._genes import Genes
from ._gp import Calibration, GaussianProcess, Hyperparameters, calibration, transform
from ._metric import Cache, Comparison, Metric, Nearest, NetworkSolution
from ._search import (
    Infeasible,
    JointSpace,
    ModuleKind,
    NetworkBuilder,
    Proposal,
    ReadySpace,
    Search,
    Space,
    Trial,
)
from ._transport import (
    Entropic,
    EntropicGromov,
    Exact,
    Solution,
    entropic_gromov,
    exact,
    gromov,
    sinkhorn,
)

__version__ = "0.1.0"

__all__ = [
    "Cache",
    "Calibration",
    "Cell",
    "Comparison",
    "Entropic",
    "EntropicGromov",
    "Exact",
    "GaussianProcess",
    "Genes",
    "HotnasError",
    "Hyperparameters",
    "Infeasible",
    "JointSpace",
    "Library",
    "Metric",
    "ModuleKind",
    "Nearest",
    "Network",
    "NetworkBuilder",
    "NetworkSolution",
    "Operations",
    "Proposal",
    "ReadySpace",
    "Search",
    "Solution",
    "Space",
    "Trial",
    "calibration",
    "entropic_gromov",
    "exact",
    "gromov",
    "library",
    "sinkhorn",
    "transform",
]
