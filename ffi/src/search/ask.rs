//! What to try next.

use super::{hotnas_search, work};
use crate::lend::{self, Open, OpenMut, Optional, Place};
use crate::metric::{hotnas_cache, hotnas_metric};
use crate::space::{CallerSpace, hotnas_space};
use crate::status::status;
use crate::workspace::hotnas_workspace;
use crate::{hotnas_real, hotnas_status};
use hotnas_core::Error;
use hotnas_core::search::Space;
use hotnas_precision::precision;

/// Where a proposed design comes from.
#[repr(i32)]
pub enum hotnas_origin {
    /// A random design, without a model.
    Random = 0,
    /// The model's choice: a neighbour of one of the best designs.
    Neighbour = 1,
    /// The model's choice: two edits from one of the best designs.
    Mutant = 2,
    /// The model's choice: a random candidate.
    Sample = 3,
    /// A neighbour of the winner of a tournament.
    Evolution = 4,
    /// Random draws found nothing new: the first new one in a walk through the genomes.
    Scan = 5,
    /// A neighbour of the best design that has untried ones.
    Local = 6,
}

/// What `ask` reports besides the genome.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct hotnas_proposal {
    /// Posterior mean, in units of the transformed and standardised values; 0 unless predicted.
    pub mean: hotnas_real,
    /// Posterior standard deviation without noise; 0 unless predicted.
    pub deviation: hotnas_real,
    /// What the design won the pool with (THOMPSON: the bound that the shortlist is made by); 0 unless predicted.
    pub acquisition: hotnas_real,
    /// A `hotnas_origin`.
    pub origin: i32,
    /// 1 if the model chose the design, else 0.
    pub predicted: u32,
    /// Told trials at that time.
    pub observations: u32,
    /// Candidates that the model compared.
    pub candidates: u32,
}

/// Proposes a design for a new trial and keeps the trial as pending. No design is proposed whose
/// network was tried already, whatever came of it.
///
/// `cache` and `proposal` may be NULL. `genome`: as many bytes as the space has genes.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, TRIAL_EXISTS, CAPACITY_EXCEEDED, GENOME_OUT_OF_RANGE (the
/// space has another number of genes, or an earlier genome is not of it), INVALID_SETTING (the space),
/// DIMENSION_MISMATCH (`parts` of the settings is neither 1 nor the number of parts of the metric's distance),
/// MEMORY_TOO_SMALL, SPACE_EXHAUSTED, SAVED_SETTINGS (the space decodes an earlier genome to another network than
/// before), NOT_FINITE (the difference of two told values overflows), NOT_POSITIVE_DEFINITE, what `decode` returned.
/// Nothing changes then.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genome` for as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_ask(
    search: *mut hotnas_search,
    trial: u32,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    proposal: *mut hotnas_proposal,
    genome: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, metric, cache, workspace, proposal) = unsafe {
            lend::all((
                OpenMut(search),
                Open(metric),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Optional(Place(proposal)),
            ))?
        };
        // SAFETY: promised by the caller.
        let space = unsafe { CallerSpace::new(space)? };
        if space.genes() != search.history().genes() {
            return Err(Error::GenomeOutOfRange);
        }
        // SAFETY: promised by the caller.
        let genome = unsafe { lend::slice_mut(genome, space.genes())? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        let found = search.ask(trial, &space, metric, cache, genome, arena)?;
        if let Some(proposal) = proposal {
            let prediction = found.prediction;
            let of = |part: fn(&hotnas_core::search::Prediction<hotnas_real>) -> hotnas_real| {
                prediction.as_ref().map_or(0.0, part)
            };
            proposal.write(hotnas_proposal {
                mean: of(|p| p.mean),
                deviation: of(|p| p.deviation),
                acquisition: of(|p| p.acquisition),
                origin: found.origin as i32,
                predicted: u32::from(prediction.is_some()),
                observations: found.observations,
                candidates: found.candidates,
            });
        }
        Ok(())
    })
}

/// Proposes designs for `count` new trials `first`, `first + 1`, ... that are evaluated together, as the
/// settings' `batch` says, and keeps the trials as pending.
///
/// `cache` may be NULL. `genomes`: `count` x as many bytes as the space has genes.
///
/// Errors: as `hotnas_search_ask`, and SIZE_OVERFLOW. Nothing changes then, not even if there are some new
/// designs (SPACE_EXHAUSTED), but not enough.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid; `genomes` for `count` times as many bytes as the space has genes.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_ask_batch(
    search: *mut hotnas_search,
    first: u32,
    count: usize,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    genomes: *mut u8,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, metric, cache, workspace) = unsafe {
            lend::all((OpenMut(search), Open(metric), Optional(OpenMut(cache)), OpenMut(workspace)))?
        };
        // SAFETY: promised by the caller.
        let space = unsafe { CallerSpace::new(space)? };
        if space.genes() != search.history().genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let bytes = count.checked_mul(space.genes()).ok_or(Error::SizeOverflow)?;
        // SAFETY: promised by the caller.
        let genomes = unsafe { lend::slice_mut(genomes, bytes)? };
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        search.ask_batch(first, &space, metric, cache, genomes, arena)
    })
}

/// Logarithm of the marginal likelihood of the told values under a metric: the greater, the better the metric
/// explains them. Serves to choose among a few settings, such as epsilon and lambda; then give the chosen one to
/// `ask`. With another metric than before everything that is known about distances is computed anew.
///
/// `cache` may be NULL.
///
/// Errors: NULL, MISALIGNED, NOT_INITIALISED, NO_OBSERVATION (also if the method has no process), and those of
/// `hotnas_search_ask`.
/// Thread safety: one thread at a time for one search.
///
/// # Safety
/// Pointers are NULL or valid.
#[precision]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hotnas_search_evidence(
    search: *mut hotnas_search,
    space: *const hotnas_space,
    metric: *const hotnas_metric,
    cache: *mut hotnas_cache,
    workspace: *mut hotnas_workspace,
    evidence: *mut hotnas_real,
) -> hotnas_status {
    status(|| {
        // SAFETY: promised by the caller.
        let (search, metric, cache, workspace, evidence) = unsafe {
            lend::all((
                OpenMut(search),
                Open(metric),
                Optional(OpenMut(cache)),
                OpenMut(workspace),
                Place(evidence),
            ))?
        };
        // SAFETY: promised by the caller.
        let space = unsafe { CallerSpace::new(space)? };
        if space.genes() != search.history().genes() {
            return Err(Error::GenomeOutOfRange);
        }
        let need = work(search.settings(), search.history().capacity(), &space, metric);
        let arena = workspace.arena(need)?;
        let found = search.evidence(&space, metric, cache, arena);
        evidence.write(found?);
        Ok(())
    })
}
