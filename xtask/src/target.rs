//! The targets that libraries are built for, and the compilers that build for them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, Failure, Program};
use crate::project;

/// A row of the table of targets.
#[derive(Debug)]
pub(crate) struct Target {
    /// rustc's name of it, or that with an ending for a processor of its own.
    pub(crate) name: &'static str,
    /// rustc's name.
    pub(crate) triple: &'static str,
    /// The processor that code is made for, if not the triple's least one.
    pub(crate) processor: Option<&'static str>,
    pub(crate) kind: Kind,
    pub(crate) tools: &'static Tools,
    /// What the linker must be told, where it links for several kinds of machine.
    pub(crate) linker: &'static [&'static str],
    /// What the C compiler must be told.
    pub(crate) c_flags: &'static [&'static str],
}

/// Binutils and C compiler.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tools {
    /// What their names begin with.
    pub(crate) prefix: &'static str,
    pub(crate) compiler: &'static str,
    /// Debian's packages.
    pub(crate) binutils_package: &'static str,
    pub(crate) compiler_package: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// An operating system with a C library, which `memcpy` and `memset` are left to; a shared library is made
    /// too if it is this machine.
    Hosted,
    /// No operating system: nothing is undefined.
    Bare,
    /// No operating system, and object files of another form than everywhere else.
    Wasm,
}

/// Names of tools and packages follow one pattern.
macro_rules! gnu {
    ($prefix:literal, $package:literal) => {
        &Tools {
            prefix: concat!($prefix, "-"),
            compiler: concat!($prefix, "-gcc"),
            binutils_package: concat!("binutils-", $package),
            compiler_package: concat!("gcc-", $package),
        }
    };
}

const ARM: &Tools = gnu!("arm-none-eabi", "arm-none-eabi");
const RISCV: &Tools = gnu!("riscv64-unknown-elf", "riscv64-unknown-elf");
const LLVM: &Tools =
    &Tools { prefix: "llvm-", compiler: "clang", binutils_package: "llvm", compiler_package: "clang" };

const fn hosted(triple: &'static str, tools: &'static Tools) -> Target {
    Target {
        name: triple,
        triple,
        processor: None,
        kind: Kind::Hosted,
        tools,
        linker: &[],
        c_flags: &[],
    }
}

const fn cortex_m(triple: &'static str, c_flags: &'static [&'static str]) -> Target {
    Target { name: triple, triple, processor: None, kind: Kind::Bare, tools: ARM, linker: &[], c_flags }
}

pub(crate) const TARGETS: &[Target] = &[
    hosted("x86_64-unknown-linux-gnu", gnu!("x86_64-linux-gnu", "x86-64-linux-gnu")),
    hosted("i686-unknown-linux-gnu", gnu!("i686-linux-gnu", "i686-linux-gnu")),
    hosted("aarch64-unknown-linux-gnu", gnu!("aarch64-linux-gnu", "aarch64-linux-gnu")),
    hosted("armv7-unknown-linux-gnueabihf", gnu!("arm-linux-gnueabihf", "arm-linux-gnueabihf")),
    hosted("riscv64gc-unknown-linux-gnu", gnu!("riscv64-linux-gnu", "riscv64-linux-gnu")),
    cortex_m("thumbv6m-none-eabi", &["-mcpu=cortex-m0", "-mthumb"]),
    cortex_m("thumbv7m-none-eabi", &["-mcpu=cortex-m3", "-mthumb"]),
    cortex_m("thumbv7em-none-eabi", &["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft"]),
    cortex_m(
        "thumbv7em-none-eabihf",
        &["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    ),
    // The one Cortex-M before the M55 that computes in double precision.
    Target {
        name: "thumbv7em-none-eabihf-fp64",
        processor: Some("cortex-m7"),
        ..cortex_m(
            "thumbv7em-none-eabihf",
            &["-mcpu=cortex-m7", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-d16"],
        )
    },
    cortex_m(
        "thumbv8m.main-none-eabihf",
        &["-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"],
    ),
    Target {
        name: "riscv32imac-unknown-none-elf",
        triple: "riscv32imac-unknown-none-elf",
        processor: None,
        kind: Kind::Bare,
        tools: RISCV,
        linker: &["-m", "elf32lriscv"],
        c_flags: &["-march=rv32imac", "-mabi=ilp32"],
    },
    Target {
        name: "wasm32-unknown-unknown",
        triple: "wasm32-unknown-unknown",
        processor: None,
        kind: Kind::Wasm,
        tools: LLVM,
        linker: &[],
        c_flags: &["--target=wasm32-unknown-unknown"],
    },
];

impl Target {
    pub(crate) fn find(name: &str) -> Result<&'static Self, Failure> {
        TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            Failure::new(format!("no target `{name}`; known: {}", known.join(", ")))
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
        Self::host().is_ok_and(|host| host.name == self.name)
    }

    /// The name of one of its binutils.
    pub(crate) fn tool(&self, name: &str) -> Result<String, Failure> {
        if self.is_host() {
            return Ok(name.into());
        }
        installed(format!("{}{name}", self.tools.prefix), self.tools.binutils_package)
    }

    /// The name of its C compiler, which wants `c_flags`.
    pub(crate) fn c_compiler(&self) -> Result<String, Failure> {
        if self.is_host() {
            return installed("cc".into(), "gcc");
        }
        installed(self.tools.compiler.into(), self.tools.compiler_package)
    }

    /// What level the compiler optimises at unless told: speed with an operating system, size without.
    pub(crate) fn optimisation(&self) -> &'static str {
        match self.kind {
            Kind::Hosted => "3",
            Kind::Bare | Kind::Wasm => "s",
        }
    }
}

fn installed(tool: String, package: &str) -> Result<String, Failure> {
    match process::find(&tool) {
        Some(_) => Ok(tool),
        None => Err(Failure::new(format!("`{tool}` is not installed: apt-get install {package}"))),
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
pub(crate) const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
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

    /// Its cargo, told to do `command` for `target` in the workspace `sources`, and the folder of its results.
    /// With the name of a processor, code is made for that one; flags for it would rebuild all that lies in the
    /// usual folder.
    pub(crate) fn cargo(
        &self,
        sources: &Path,
        target: &Target,
        flags: Option<(PathBuf, String)>,
        command: &str,
    ) -> Result<(Program, PathBuf), Failure> {
        let mut cargo = match self {
            Self::Own => project::cargo(),
            Self::Debian => debian(Program::new(DEBIAN_CARGO))
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTDOC", "/usr/bin/rustdoc"),
        };
        cargo = cargo.directory(sources).arg(command);
        // Cargo would take a copy of the project for the project.
        let mut results = match sources == project::root() {
            true => project::target_folder()?.to_path_buf(),
            false => sources.join("target"),
        };
        if let Some((folder, flags)) = flags {
            results.push(folder);
            cargo = cargo.env("RUSTFLAGS", flags).without_env("CARGO_ENCODED_RUSTFLAGS");
        }
        cargo = cargo.arg("--target-dir").arg(&results);
        if !target.is_host() {
            cargo = match self {
                Self::Debian if target.tools == ARM => {
                    cargo.arg("-Zjson-target-spec").arg("--target").arg(without_frame_pointers(target)?)
                }
                _ => cargo.args(["--target", target.triple]),
            };
            results.push(target.triple);
        }
        if matches!(self, Self::Debian) {
            cargo = cargo.arg("-Zbuild-std=core");
        }
        Ok((cargo, results))
    }
}

/// A file that describes a target as Debian's compiler does but for two things. In rustc's Arm targets without an
/// operating system every function keeps a frame pointer: 3 % of the code, a register and four bytes of stack for
/// what only a debugger would follow. And constants of 32 bits are made by two instructions, where one load and a
/// place that several may share are less.
fn without_frame_pointers(target: &Target) -> Result<PathBuf, Failure> {
    let text = debian(Program::new(DEBIAN_RUSTC))
        .args(["-Zunstable-options", "--print", "target-spec-json", "--target", target.triple])
        .read()?;
    let folder = project::target_folder()?.join("targets");
    fs::create_dir_all(&folder)?;
    // Cargo and rustc call the target by the file's name.
    let file = folder.join(format!("{}.json", target.triple));
    let text = described(&text)?;
    if fs::read_to_string(&file).is_ok_and(|present| present == text) {
        return Ok(file);
    }
    fs::write(&file, text)?;
    Ok(file)
}

fn described(text: &str) -> Result<String, Failure> {
    const FRAMES: &str = "\"frame-pointer\": \"always\"";
    const FEATURES: &str = "\"features\": \"";
    if text.matches(FRAMES).count() != 1 {
        return Err(Failure::new(format!("the description of a target is not as expected:\n{text}")));
    }
    let text = text.replace(FRAMES, "\"frame-pointer\": \"may-omit\"");
    Ok(match text.contains(FEATURES) {
        true => text.replace(FEATURES, &format!("{FEATURES}+no-movt,")),
        false => text.replacen('{', &format!("{{\n  {FEATURES}+no-movt\","), 1),
    })
}

/// What Debian's compiler must be told to compile the core library.
fn debian(program: Program) -> Program {
    // `cargo run` points LD_LIBRARY_PATH at the libraries of the other compiler.
    program.env("RUSTC_BOOTSTRAP", "1").without_env("LD_LIBRARY_PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_the_host_is_known() {
        for (at, target) in TARGETS.iter().enumerate() {
            assert_eq!(TARGETS.iter().position(|other| other.name == target.name), Some(at));
            // A processor needs results of its own beside those of its triple.
            assert_eq!(target.name == target.triple, target.processor.is_none());
        }
        assert!(Target::host().unwrap().is_host());
    }

    #[test]
    fn a_description_loses_its_frame_pointers() {
        let text = "{\n  \"features\": \"+vfp4\",\n  \"frame-pointer\": \"always\"\n}";
        let changed = "{\n  \"features\": \"+no-movt,+vfp4\",\n  \"frame-pointer\": \"may-omit\"\n}";
        assert_eq!(described(text).unwrap(), changed);
        let bare = "{\n  \"frame-pointer\": \"always\"\n}";
        assert_eq!(described(bare).unwrap(), changed.replace(",+vfp4", ""));
        assert!(described(changed).is_err());
    }
}
