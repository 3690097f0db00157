//! What the operations are, for the peers that must know: OTMANN and tree-Wasserstein.

use crate::arch::{Cell, Hasher};
use crate::error::Error;
use crate::real::Real;
use crate::rows::InRows;

/// No layer of those below: it has no mass, and nothing is assigned to it.
pub const OTHER: u8 = 0;
/// An input or output. At the ends of a network its mass is a tenth of all, at least 100.
pub const TERMINAL: u8 = 1;
/// The identity; its mass are the channels (a choice of this project, OTMANN knows no such layer).
pub const IDENTITY: u8 = 2;
/// Pooling by the maximum; its mass are the channels.
pub const MAXIMUM_POOLING: u8 = 3;
/// Pooling by the mean.
pub const AVERAGE_POOLING: u8 = 4;
/// Fully connected; its mass is a tenth of the channels that enter times those that leave.
pub const DENSE: u8 = 5;
/// `CONVOLUTION + k` is a convolution with a kernel of k x k, k from 1 to 239; its mass is the channels
/// that enter times those that leave.
pub const CONVOLUTION: u8 = 16;

/// What the operations of a table are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layers<'a, R> {
    /// One code of this module for each operation of the table.
    pub codes: &'a [u8],
    /// Which attribute of a node is log2 of the channels that leave it, or `None`: all have `channels`.
    pub width: Option<u8>,
    /// The channels of all nodes, from 1 to 1e6, if no attribute tells them.
    pub channels: R,
}

impl<R: Real> Layers<'_, R> {
    pub(super) fn check(&self, operations: usize, attributes: usize) -> Result<(), Error> {
        if self.codes.len() != operations {
            return Err(Error::DimensionMismatch);
        }
        let known = |code: &u8| !(DENSE + 1..=CONVOLUTION).contains(code);
        let width = self.width.is_none_or(|width| usize::from(width) < attributes);
        let channels = self.channels >= R::ONE && self.channels <= R::from_f64(1e6);
        if width && channels && self.codes.iter().all(known) {
            Ok(())
        } else {
            Err(Error::InvalidSetting)
        }
    }

    pub(super) fn absorb(&self, h: &mut Hasher) {
        self.codes.iter().for_each(|&code| h.word(code.into()));
        h.word(self.width.map_or(u32::MAX, u32::from));
        h.real(self.channels);
    }

    pub(super) fn code(&self, operation: u8) -> u8 {
        self.codes.get(usize::from(operation)).copied().unwrap_or(OTHER)
    }

    /// The channels that leave a node; beyond 2^20 they count as that.
    pub(super) fn channels(&self, cell: &Cell<'_, R>, node: usize) -> R {
        let Some(width) = self.width else { return self.channels };
        let row = cell.attributes().in_rows(cell.stride()).nth(width.into());
        let log2 = row.and_then(|row| row.get(node)).copied().unwrap_or(R::ZERO);
        let limit = R::from_f64(20.0);
        (log2.max(-limit).min(limit) * R::from_f64(core::f64::consts::LN_2)).exp()
    }

    /// The mass of a layer, but for terminals.
    pub(super) fn mass(&self, operation: u8, enters: R, leaves: R) -> R {
        match self.code(operation) {
            IDENTITY | MAXIMUM_POOLING | AVERAGE_POOLING => enters,
            DENSE => R::from_f64(0.1) * enters * leaves,
            CONVOLUTION.. => enters * leaves,
            _ => R::ZERO,
        }
    }

    /// What it costs to assign a layer to another; `None`: it cannot be.
    pub(super) fn mismatch(&self, a: u8, b: u8) -> Option<R> {
        let (x, y) = (self.code(a), self.code(b));
        match (x.min(y), x.max(y)) {
            _ if a == b => Some(R::ZERO),
            (MAXIMUM_POOLING, AVERAGE_POOLING) => Some(R::HALF),
            (CONVOLUTION.., _) => {
                let apart = R::from_usize(usize::from(x.abs_diff(y)));
                Some((R::TWO * apart).sqrt() * R::from_f64(0.1))
            }
            _ => None,
        }
    }
}
