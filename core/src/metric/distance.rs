//! Which distance of networks a metric computes, and how many parts it has.

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
}

impl Distance {
    /// Every distance, in the order of the codes.
    pub const ALL: [Self; 2] = [Self::Hotnn, Self::HotnnParts];

    /// The distance of a code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|&distance| distance as i32 == code)
    }

    /// The number of parts, 1 to [`MAX_PARTS`].
    #[must_use]
    pub const fn parts(self) -> usize {
        match self {
            Self::Hotnn => 1,
            Self::HotnnParts => 3,
        }
    }
}

/// Parts of a distance, at most.
pub const MAX_PARTS: usize = 8;
