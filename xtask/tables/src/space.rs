//! The ready-made spaces by name, and the text forms of their designs.

use hotnas_core::search::Space;
use hotnas_core::search::spaces::{Digits, NasBench201, TransNasMacro};

use crate::Failure;

/// A ready-made space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadySpace {
    NasBench201,
    TransNasMacro,
    Digits,
}

impl ReadySpace {
    const ALL: [Self; 3] = [Self::NasBench201, Self::TransNasMacro, Self::Digits];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NasBench201 => "nas-bench-201",
            Self::TransNasMacro => "transnas-macro",
            Self::Digits => "digits",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|space| space.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("no space `{name}`; there are {names}")
        })
    }

    pub(crate) fn space(self) -> &'static dyn Space<f64> {
        match self {
            Self::NasBench201 => &NasBench201,
            Self::TransNasMacro => &TransNasMacro,
            Self::Digits => &Digits,
        }
    }

    /// Numeric attributes of a node.
    pub(crate) fn attributes(self) -> usize {
        match self {
            Self::NasBench201 => 0,
            Self::TransNasMacro | Self::Digits => 2,
        }
    }

    /// The genome of a code; `None` if it is not the code of a design.
    pub(crate) fn parse(self, code: &str) -> Option<Vec<u8>> {
        let mut genome = vec![0; self.space().genes()];
        match self {
            Self::NasBench201 => NasBench201.parse(code, &mut genome),
            Self::TransNasMacro => TransNasMacro.parse(code, &mut genome),
            Self::Digits => Digits.parse(code, &mut genome),
        }
        .ok()?;
        Some(genome)
    }

    /// The code of a genome; `None` if it stands for no design.
    pub(crate) fn format(self, genome: &[u8]) -> Option<String> {
        let mut text = [0; 256];
        match self {
            Self::NasBench201 => NasBench201.format(genome, &mut text),
            Self::TransNasMacro => TransNasMacro.format(genome, &mut text),
            Self::Digits => Digits.format(genome, &mut text),
        }
        .ok()
        .map(String::from)
    }
}
