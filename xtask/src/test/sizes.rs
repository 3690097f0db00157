//! Limits of code and constants, from the committed table `benchmarks/sizes.csv`.

use std::fs;

use crate::process::Failure;
use crate::project::{Precision, root};
use crate::target::Target;

const FILE: &str = "benchmarks/sizes.csv";

/// The table: lines `target,precision,program,bytes`.
pub(super) struct Limits(String);

impl Limits {
    pub(super) fn read() -> Result<Self, Failure> {
        let text = fs::read_to_string(root().join(FILE))
            .map_err(|error| Failure::new(format!("{FILE}: {error}")))?;
        Ok(Self(text))
    }

    fn of(&self, key: &str) -> Option<u64> {
        let rest = self.0.lines().find_map(|line| line.strip_prefix(key))?;
        rest.strip_prefix(',')?.parse().ok()
    }

    /// Whether the table says anything about a target.
    fn cover(&self, target: &Target) -> bool {
        self.0.lines().any(|line| line.split(',').next() == Some(target.name))
    }

    /// A failure if `bytes` are more than the table allows. It need not say anything about a target; if it does, then
    /// about everything.
    pub(super) fn allow(
        &self,
        target: &Target,
        precision: Precision,
        program: &str,
        bytes: u64,
    ) -> Result<(), Failure> {
        let key = format!("{},{},{program}", target.name, precision.name());
        match self.of(&key) {
            Some(limit) if bytes <= limit => Ok(()),
            Some(limit) => Err(Failure::new(format!("{key}: {bytes} bytes, {FILE} allows {limit}"))),
            None if !self.cover(target) => Ok(()),
            None => Err(Failure::new(format!("{key}: {bytes} bytes, {FILE} has no limit for it"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_or_not() {
        let target = Target::find("thumbv6m-none-eabi").unwrap();
        let limits =
            Limits("# text\ntarget,precision,program,bytes\nthumbv6m-none-eabi,f32,all,100\n".into());
        assert!(limits.allow(target, Precision::Single, "all", 100).is_ok());
        assert!(limits.allow(target, Precision::Single, "all", 101).is_err());
        assert!(limits.allow(target, Precision::Double, "all", 1).is_err());
        assert!(limits.allow(target, Precision::Single, "al", 1).is_err());
        assert!(limits.cover(target));
        assert!(!limits.cover(Target::find("thumbv7m-none-eabi").unwrap()));
    }
}
