//! Which distance of networks a metric computes, and how many parts it has.

use crate::real::{self, Real};

/// The distance of two networks. Cells are always compared by iFGW.
///
/// A distance has one or more **parts** ([`Metric::parts`](super::Metric::parts)): partial distances
/// for a kernel that has a length scale for each, `exp(-sum d_m / l_m)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Distance {
    /// Hierarchical optimal transport; one part.
    #[default]
    Hotnn = 0,
    /// The same distance in three parts (not in the paper), each of them a HOTNN of its own:
    /// operations alone (cells compared with epsilon 1, lambda 1), structure alone (epsilon 0, lambda
    /// 1), and the whole with the settings' epsilon and lambda.
    HotnnParts = 1,
    /// Nodes and edges that differ, cell by cell and node by node in the numbering in which the cells
    /// were made; one part. Renumbering the nodes of a cell changes it.
    Edit = 2,
    /// The L1 difference of the histograms of neighbourhoods up to 0, 1 and 2 edges away, in the sense
    /// of Weisfeiler and Lehman; one part.
    WeisfeilerLehman = 3,
    /// The information of the nodes without transport, a control: the L1 difference of operations,
    /// attributes and structural features summed over the nodes; one part.
    Summed = 4,
    /// Tree-Wasserstein (Nguyen et al. 2021) in three parts: operations, one by one and in pairs along
    /// edges; degrees in and degrees out along the network. The distance is their sum. Convolutions are
    /// near to each other. Needs [`Layers`](super::Layers).
    TreeWasserstein = 5,
    /// OTMANN (Kandasamy et al. 2018) in eight parts: for the structural weights 0.1, 0.25, 0.61 and
    /// 1.5 the distance, then for each the distance divided by the masses of both networks. The
    /// distance of all is the mean of the latter. Needs [`Layers`](super::Layers).
    Otmann = 6,
}

impl Distance {
    /// Every distance, in the order of the codes.
    pub const ALL: [Self; 7] = [
        Self::Hotnn,
        Self::HotnnParts,
        Self::Edit,
        Self::WeisfeilerLehman,
        Self::Summed,
        Self::TreeWasserstein,
        Self::Otmann,
    ];

    /// The distance of a code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&distance| distance as i32 == code)
    }

    /// The number of parts, 1 to [`MAX_PARTS`].
    #[must_use]
    pub const fn parts(self) -> usize {
        match self {
            Self::Hotnn | Self::Edit | Self::WeisfeilerLehman | Self::Summed => 1,
            Self::HotnnParts | Self::TreeWasserstein => 3,
            Self::Otmann => 8,
        }
    }

    /// Not HOTNN in any form.
    pub(super) const fn is_peer(self) -> bool {
        !matches!(self, Self::Hotnn | Self::HotnnParts)
    }

    /// Whether networks with equal keys may have different distances, because edges that change no feature count
    /// too. A cache, which knows keys only, is not asked then.
    pub(super) const fn sees_more_than_keys(self) -> bool {
        matches!(self, Self::Edit | Self::WeisfeilerLehman | Self::TreeWasserstein | Self::Otmann)
    }

    /// The distance from the parts of a peer.
    pub(super) fn whole<R: Real>(self, parts: &[R]) -> R {
        match self {
            Self::Otmann => real::sum(parts.get(4..).unwrap_or_default()) * R::from_f64(0.25),
            _ => real::sum(parts),
        }
    }
}

/// Parts of a distance, at most.
pub const MAX_PARTS: usize = 8;
