//! The targets that libraries are built for, and the compilers that build for them.

use std::path::{Path, PathBuf};

use crate::process::{self, Failure, Program};
use crate::project;

/// A row of the table of targets.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) triple: &'static str,
    /// What the names of its binutils and C compiler begin with.
    pub(crate) tools: &'static str,
    /// The Debian package with these binutils.
    pub(crate) package: &'static str,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// An operating system with a C library: gets a shared library too; `memcpy` and its like are left to the
    /// C library.
    Hosted,
    /// No operating system: the compiler's own routines go into the library, so that nothing is undefined.
    Bare,
}

const fn hosted(triple: &'static str, tools: &'static str, package: &'static str) -> Target {
    Target { triple, tools, package, kind: Kind::Hosted }
}

const fn bare(triple: &'static str, tools: &'static str, package: &'static str) -> Target {
    Target { triple, tools, package, kind: Kind::Bare }
}

const ARM: (&str, &str) = ("arm-none-eabi-", "binutils-arm-none-eabi");
const RISCV: (&str, &str) = ("riscv64-unknown-elf-", "binutils-riscv64-unknown-elf");

/// All of them use ELF: the bundle is made by GNU binutils.
pub(crate) const TARGETS: &[Target] = &[
    hosted("x86_64-unknown-linux-gnu", "x86_64-linux-gnu-", "binutils-x86-64-linux-gnu"),
    hosted("i686-unknown-linux-gnu", "i686-linux-gnu-", "binutils-i686-linux-gnu"),
    hosted("aarch64-unknown-linux-gnu", "aarch64-linux-gnu-", "binutils-aarch64-linux-gnu"),
    hosted("armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf-", "binutils-arm-linux-gnueabihf"),
    hosted("riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu-", "binutils-riscv64-linux-gnu"),
    bare("thumbv6m-none-eabi", ARM.0, ARM.1),
    bare("thumbv7m-none-eabi", ARM.0, ARM.1),
    bare("thumbv7em-none-eabihf", ARM.0, ARM.1),
    bare("thumbv8m.main-none-eabihf", ARM.0, ARM.1),
    bare("riscv32imac-unknown-none-elf", RISCV.0, RISCV.1),
];

impl Target {
    pub(crate) fn find(triple: &str) -> Result<&'static Self, Failure> {
        TARGETS.iter().find(|target| target.triple == triple).ok_or_else(|| {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.triple).collect();
            Failure::new(format!("no target `{triple}`; known: {}", known.join(", ")))
        })
    }

    /// This machine.
    pub(crate) fn host() -> Result<&'static Self, Failure> {
        let text = Program::new("rustc").arg("-vV").directory(project::root()).read()?;
        let triple = text
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or_else(|| Failure::new("rustc -vV does not name its host"))?;
        Self::find(triple)
    }

    pub(crate) fn is_host(&self) -> bool {
        Self::host().is_ok_and(|host| host.triple == self.triple)
    }

    /// The name of one of its binutils.
    pub(crate) fn tool(&self, name: &str) -> Result<String, Failure> {
        if self.is_host() {
            return Ok(name.into());
        }
        let tool = format!("{}{name}", self.tools);
        match process::find(&tool) {
            Some(_) => Ok(tool),
            None => {
                Err(Failure::new(format!("`{tool}` is not installed: apt-get install {}", self.package)))
            }
        }
    }

    /// What level the compiler optimises at unless told: speed with an operating system, size without.
    pub(crate) fn optimisation(&self) -> &'static str {
        match self.kind {
            Kind::Hosted => "3",
            Kind::Bare => "s",
        }
    }
}

/// A compiler with the core library of a target, or with the sources of the core library.
pub(crate) enum Toolchain {
    /// The one that runs this program.
    Own,
    /// Debian's, which can compile the core library from `rust-web-src`.
    Debian,
}

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CORE: &str = "/usr/lib/rustlib/src/rust/library/core";

impl Toolchain {
    pub(crate) fn for_target(target: &Target) -> Result<Self, Failure> {
        if target.is_host() {
            return Ok(Self::Own);
        }
        let folder = Program::new("rustc")
            .args(["--print", "target-libdir", "--target", target.triple])
            .directory(project::root())
            .read()?;
        if PathBuf::from(folder.trim()).is_dir() {
            return Ok(Self::Own);
        }
        if [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_CORE].iter().all(|path| Path::new(path).exists()) {
            return Ok(Self::Debian);
        }
        Err(Failure::new(format!(
            "no core library for {0}: `rustup target add {0}`, or on Debian `apt-get install {1}`",
            target.triple, "rustc-web cargo-web rust-web-src libstd-rust-web-dev"
        )))
    }

    /// Its cargo, without the words that say for which target.
    pub(crate) fn cargo(&self) -> Program {
        match self {
            Self::Own => project::cargo(),
            Self::Debian => Program::new(DEBIAN_CARGO)
                .directory(project::root())
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTDOC", "/usr/bin/rustdoc")
                .env("RUSTC_BOOTSTRAP", "1")
                // `cargo run` points it at the libraries of the other compiler.
                .without_env("LD_LIBRARY_PATH"),
        }
    }

    /// What cargo must be told to build for `target`.
    pub(crate) fn target_words(&self, target: &Target) -> Vec<&'static str> {
        match self {
            Self::Own if target.is_host() => Vec::new(),
            Self::Own => vec!["--target", target.triple],
            Self::Debian => vec!["--target", target.triple, "-Zbuild-std=core"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_are_distinct_and_the_host_is_known() {
        for (at, target) in TARGETS.iter().enumerate() {
            assert_eq!(TARGETS.iter().position(|other| other.triple == target.triple), Some(at));
        }
        assert!(Target::host().unwrap().is_host());
    }
}
