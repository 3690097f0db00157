//! How much memory a search needs.

use super::Search;
use crate::memory::{Extent, product};
use crate::metric::{Metric, NetworkShape};
use crate::real::Real;
use crate::search::choice::Shortlist;
use crate::search::contest::Entries;
use crate::search::history::History;
use crate::search::model::{Model, Sheets};
use crate::search::settings::{Method, PoolSettings, SearchSettings};
use crate::search::workbench;
use crate::transport::gromov::Effort;

impl<R: Real> Search<'_, R> {
    /// Memory for so many trials of so many genes.
    #[must_use]
    pub const fn extent(method: Method, capacity: usize, genes: usize) -> Extent {
        let history = History::<f64>::extent(capacity, genes, false);
        match method {
            Method::Hotnas => history.and(Model::<f64>::extent(capacity, 1)),
            Method::Random | Method::Evolution | Method::LocalSearch | Method::Pool => history,
        }
    }

    /// The same for these settings, a second number and the parts of a distance included.
    #[must_use]
    pub fn extent_of(settings: &SearchSettings<R>, capacity: usize, genes: usize) -> Extent {
        let second = settings.second.is_some();
        let history = History::<f64>::extent(capacity, genes, second);
        match settings.method {
            Method::Hotnas => {
                let model = Model::<f64>::extent(capacity, settings.parts as usize);
                history.and(model.times(1 + usize::from(second)))
            }
            Method::Random | Method::Evolution | Method::LocalSearch | Method::Pool => history,
        }
    }

    /// Workspace of [`ask`](Self::ask) and [`record`](Self::record) for a space with these genes and
    /// limits.
    #[must_use]
    pub fn workspace(
        settings: &SearchSettings<R>,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        metric: &Metric<'_, R>,
    ) -> Extent {
        let SearchSettings { method, pool, block, .. } = settings;
        let (groups, attributes) = (metric.table().groups(), metric.table().attributes());
        let distance = metric.workspace(&limits);
        let need =
            Self::extents(*method, pool, *block, capacity, genes, limits, groups, attributes, distance);
        if *method != Method::Hotnas {
            return need;
        }
        let (places, joint) = settings.keeps();
        let parts = settings.parts as usize;
        let list = if places > 1 || joint {
            Shortlist::<R>::extent(places, joint, capacity, genes, parts)
        } else {
            Extent::NONE
        };
        let second = if settings.second.is_some() {
            Sheets::<R>::second_extent(capacity, *block as usize)
        } else {
            Extent::NONE
        };
        // As much again for every part after the first.
        let block = *block as usize;
        let distances = Extent::reals(product(block, capacity.saturating_add(1)));
        need.and(list).and(second).and(distances.times(parts.saturating_sub(1)))
    }

    /// The same from what it depends on, which can be constants in either precision: the operation
    /// table's groups and attributes, the metric's effort; for HOTNN. Not enough for settings that need a
    /// shortlist ([`SearchSettings::shortlist`]), have a second number or look at the parts of a distance.
    #[must_use]
    pub const fn workspace_for(
        method: Method,
        pool: &PoolSettings,
        block: u32,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        groups: usize,
        attributes: usize,
        effort: Effort,
    ) -> Extent {
        let distance = Metric::<f64>::network_workspace(&limits, effort);
        Self::extents(method, pool, block, capacity, genes, limits, groups, attributes, distance)
    }

    const fn extents(
        method: Method,
        pool: &PoolSettings,
        block: u32,
        capacity: usize,
        genes: usize,
        limits: NetworkShape,
        groups: usize,
        attributes: usize,
        distance: Extent,
    ) -> Extent {
        let block = block as usize;
        match method {
            Method::Hotnas => workbench::extent(
                limits,
                groups,
                attributes,
                block.saturating_add(1),
                capacity,
                distance,
            )
            .and(Sheets::<f64>::extent(capacity, block, 1))
            .and(Entries::extent(pool.limit as usize, pool.parents as usize, block, genes))
            .and(Shortlist::<f64>::extent(1, false, capacity, genes, 1)),
            Method::Random | Method::Evolution | Method::LocalSearch => {
                workbench::extent(limits, groups, attributes, 1, 0, distance)
            }
            Method::Pool => workbench::extent(limits, groups, attributes, 1, 0, distance)
                .and(Entries::extent(pool.limit as usize, pool.parents as usize, 1, genes))
                .and(Shortlist::<f64>::extent(1, false, 0, genes, 1)),
        }
    }
}
