//! What is proposed without a model: random designs, regularised evolution, a walk through the genomes.

use super::ask::keep;
use super::{Proposal, Search};
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::real::Real;
use crate::search::contest::random_neighbour;
use crate::search::history::Trial;
use crate::search::rng::KeyedRng;
use crate::search::settings::{Method, SearchSettings};
use crate::search::space::{MAX_GENES, Space};
use crate::search::workbench::Workbench;
use crate::search::{Origin, stream};

impl<R: Real> Search<'_, R> {
    /// What a method without a model proposes, and every method at first: one design.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn propose_one<S: Space<R> + ?Sized>(
        &mut self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        proposal: &mut Proposal<R>,
    ) -> Result<(), Error> {
        let SearchSettings { method, initial, population, .. } = self.settings;
        let mut genome = [0; MAX_GENES];
        let genome = genome.get_mut(..self.history.genes()).unwrap_or_default();
        let (origin, found) = match method {
            Method::Evolution if proposal.observations >= population => {
                (Origin::Evolution, self.evolve(trial, bench, genome)?)
            }
            Method::LocalSearch if proposal.observations >= initial.max(1) => {
                (Origin::Local, self.climb(trial, bench, genome)?)
            }
            _ => (Origin::Random, None),
        };
        let (origin, found) = match found {
            Some(_) => (origin, found),
            None => (Origin::Random, self.random(trial, bench, genome)?),
        };
        let (origin, fingerprint) = match found {
            Some(fingerprint) => (origin, fingerprint),
            None => (Origin::Scan, self.scan(trial, bench, genome)?),
        };
        proposal.origin = origin;
        keep(&mut self.history, trial, genome, fingerprint)
    }

    /// Whether a genome stands for an untried network.
    pub(in crate::search) fn untried<S: Space<R> + ?Sized>(
        &self,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &[u8],
    ) -> Result<Option<Fingerprint>, Error> {
        Ok(bench.decode(0, genome)?.filter(|&fingerprint| !self.history.contains(fingerprint)))
    }

    #[cfg_attr(feature = "small", inline(never))]
    fn random<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Option<Fingerprint>, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::RANDOM);
        for _ in 0..RANDOM_DRAWS {
            bench.space().sample(&mut rng, genome);
            let found = self.untried(bench, genome)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// One edit of the best of a tournament among the latest told trials.
    #[cfg_attr(feature = "small", inline(never))]
    fn evolve<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Option<Fingerprint>, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::EVOLUTION);
        let alive = self.settings.population.max(1);
        for _ in 0..EVOLUTION_DRAWS {
            let mut winner: Option<Trial<'_, R>> = None;
            for _ in 0..self.settings.tournament {
                let age = rng.below(alive) as usize;
                let drawn = self.history.observations().rev().nth(age);
                if let Some(drawn) = drawn
                    && winner.is_none_or(|w| self.settings.second.better(drawn.pair(), w.pair()))
                {
                    winner = Some(drawn);
                }
            }
            let Some(winner) = winner else { break };
            if random_neighbour(bench.space(), &mut rng, winner.genome, genome) {
                let found = self.untried(bench, genome)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Goes through the genomes one after the other, from a random one on.
    #[cfg_attr(feature = "small", inline(never))]
    fn scan<S: Space<R> + ?Sized>(
        &self,
        trial: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Fingerprint, Error> {
        let mut rng = KeyedRng::new(self.settings.seed, trial, stream::SCAN);
        for (g, gene) in genome.iter_mut().enumerate() {
            *gene = rng.below(u32::from(bench.space().cardinality(g))) as u8;
        }
        for _ in 0..self.settings.scan {
            if let Some(found) = self.untried(bench, genome)? {
                return Ok(found);
            }
            for (g, gene) in genome.iter_mut().enumerate() {
                *gene = gene.saturating_add(1);
                if *gene < bench.space().cardinality(g) {
                    break;
                }
                *gene = 0;
            }
        }
        Err(Error::SpaceExhausted)
    }
}

/// Random draws before the scan.
const RANDOM_DRAWS: u32 = 256;
/// Tournaments before a random design.
const EVOLUTION_DRAWS: u32 = 256;
