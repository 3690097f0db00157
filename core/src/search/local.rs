//! Local search: neighbours of the best designs, without a model.

use super::optimizer::Search;
use super::rng::KeyedRng;
use super::space::Space;
use super::stream;
use super::workbench::Workbench;
use crate::arch::Fingerprint;
use crate::error::Error;
use crate::real::Real;

impl<R: Real> Search<'_, R> {
    /// An untried neighbour of the best told design that has one: the first from a random one on.
    #[cfg_attr(feature = "small", inline(never))]
    pub(super) fn climb<S: Space<R> + ?Sized>(
        &self,
        number: u32,
        bench: &mut Workbench<'_, '_, '_, R, S>,
        genome: &mut [u8],
    ) -> Result<Option<Fingerprint>, Error> {
        let mut rng = KeyedRng::new(self.settings().seed, number, stream::LOCAL);
        let history = self.history();
        let mut last = None;
        loop {
            last = history.next_best(self.settings(), number, last, |_| false);
            let Some(parent) = last.and_then(|(_, position)| history.get(position)) else {
                return Ok(None);
            };
            let count = bench.space().neighbours(parent.genome);
            let first = if count > 0 { rng.index(count) } else { 0 };
            for index in (first..count).chain(0..first) {
                bench.space().neighbour(parent.genome, index, genome);
                let found = self.untried(bench, genome)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
    }
}
