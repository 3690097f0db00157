//! The ready-made spaces by name, and the text forms of their designs.

use hotnas_core::search::Space;
use hotnas_core::search::spaces::{Digits, NasBench101, NasBench201, TransNasMacro, TransNasMicro};

use crate::Failure;

/// A ready-made space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadySpace {
    NasBench201,
    TransNasMacro,
    Digits,
    TransNasMicro,
    NasBench101,
}

impl ReadySpace {
    const ALL: [Self; 5] =
        [Self::NasBench201, Self::TransNasMacro, Self::Digits, Self::TransNasMicro, Self::NasBench101];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NasBench201 => "nas-bench-201",
            Self::TransNasMacro => "transnas-macro",
            Self::Digits => "digits",
            Self::TransNasMicro => "transnas-micro",
            Self::NasBench101 => "nas-bench-101",
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
            Self::TransNasMicro => &TransNasMicro,
            Self::NasBench101 => &NasBench101,
        }
    }

    /// Numeric attributes of a node.
    pub(crate) fn attributes(self) -> usize {
        match self {
            Self::NasBench201 | Self::TransNasMicro | Self::NasBench101 => 0,
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
            Self::TransNasMicro => TransNasMicro.parse(code, &mut genome),
            Self::NasBench101 => NasBench101.parse(code, &mut genome),
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
            Self::TransNasMicro => TransNasMicro.format(genome, &mut text),
            Self::NasBench101 => NasBench101.format(genome, &mut text),
        }
        .ok()
        .map(String::from)
    }
}
