//! Named sets of methods.

/// Evolution twice: with the usual population of 30 and tournaments of 10, and smaller.
pub(crate) const METHODS: &[&str] = &[
    "HOTNAS=hotnas",
    "HOTNAS as the poster prints it=poster",
    "random search=random",
    "evolution (30, 10)=evolution",
    "evolution (10, 3)=evolution:population=10,tournament=3",
];

/// What is compared beside [`METHODS`]. From BO-edit on each is HOTNAS with another distance between networks.
pub(crate) const PEERS: &[&str] = &[
    "same pool, random pick=pool",
    "local search=local",
    "BO-edit=bo-edit",
    "NASBOT (OTMANN)=nasbot",
    "TW=tw",
    "Weisfeiler-Lehman kernel=wl",
    "summed features=summed",
];

/// Surrogates: distances, then kernels and transforms.
pub(crate) const SURROGATES: &[&str] = &[
    "HOTNAS=hotnas",
    "as the poster prints it=poster",
    "edit distance=bo-edit",
    "OTMANN=nasbot",
    "tree-Wasserstein=tw",
    "Weisfeiler-Lehman=wl",
    "summed features=summed",
    "no operation groups=hotnas:groups=off",
    "no flow term (lambda 1)=hotnas:lambda=1",
    "values not transformed=hotnas:transform=identity",
    "kernel exp(-sqrt(d/l))=hotnas:kernel=root",
    "Matern 5/2=hotnas:kernel=matern52",
    "a length scale for each part=hotnas:distance=parts",
];

/// Each takes one thing away, or exchanges it.
pub(crate) const ABLATIONS: &[&str] = &[
    "HOTNAS=hotnas",
    "no transport (summed features)=summed",
    "no flow term (lambda 1)=hotnas:lambda=1",
    "pairing of the poster=hotnas:pairing=ordered",
    "no operation groups=hotnas:groups=off",
    "no structure (epsilon 1)=hotnas:epsilon=1",
    "no operations (epsilon 0)=hotnas:epsilon=0",
    "values not transformed=hotnas:transform=identity",
    "rank transform=hotnas:transform=rank",
    "kernel exp(-sqrt(d/l))=hotnas:kernel=root",
    "Matern 5/2=hotnas:kernel=matern52",
    "a length scale for each part=hotnas:distance=parts",
    "kernel and transform chosen=hotnas:choose=both",
    "epsilon and eta chosen=hotnas:metric=chosen",
    "expected improvement=hotnas:improvement",
    "Thompson sampling=hotnas:thompson",
    "kappa 1=hotnas:kappa=1",
    "same pool, random pick=pool",
    "pool of random designs only=hotnas:parents=1,mutants=0,samples=700,limit=701",
];

/// What only networks of several cells have.
pub(crate) const MACRO_ABLATIONS: &[&str] = &[
    "no attributes=hotnas:attributes=0",
    "no positions (eta 0)=hotnas:eta=0",
    "positions alone (eta 1)=hotnas:eta=1",
];

/// One, five and ten designs at a time.
pub(crate) const BATCHES: &[&str] = &[
    "one by one=hotnas",
    "5, one after the other (believer)=hotnas:batch=5",
    "5, one after the other (liar, greatest)=hotnas:batch=5,pending=greatest",
    "5, the best=hotnas:batch=5,rule=top",
    "5, local penalisation=hotnas:batch=5,rule=penalised",
    "5, k-DPP=hotnas:batch=5,rule=determinantal",
    "5, Thompson sampling=hotnas:batch=5,thompson",
    "10, one after the other (believer)=hotnas:batch=10",
    "10, the best=hotnas:batch=10,rule=top,shortlist=128",
    "10, local penalisation=hotnas:batch=10,rule=penalised,shortlist=128",
    "10, k-DPP=hotnas:batch=10,rule=determinantal,shortlist=128",
    "10, Thompson sampling=hotnas:batch=10,thompson,shortlist=128",
];

/// The latency of every design known before it is tried, or told with its value.
pub(crate) const LIMITED: &[&str] = &[
    "HOTNAS, latency known=hotnas",
    "HOTNAS, latency measured=hotnas:second=measured",
    "evolution (30, 10), latency known=evolution",
    "evolution (30, 10), latency measured=evolution:second=measured",
    "random search, latency known=random",
    "random search, latency measured=random:second=measured",
];

/// Two objectives.
pub(crate) const OBJECTIVES: &[&str] = &[
    "HOTNAS, expected hypervolume improvement=hotnas:second=hypervolume",
    "HOTNAS, random weights=hotnas:second=weighted",
    "evolution (30, 10)=evolution",
    "random search=random",
];
