//! `cargo xtask dist`: the C libraries.
//!
//! rustc's archive holds, beside our code, the object files of the core library and of the compiler's own
//! routines: they would offer `memcpy` or `__aeabi_dadd` to the whole program of the user, and two Rust
//! libraries would clash. Here the archive becomes one object that offers `hotnas_*` and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::package;
use crate::process::{Failure, Program};
use crate::project::{self, Precision, VERSION};
use crate::symbols::Symbols;
use crate::target::{Kind, Target, Toolchain};

pub(crate) const HELP: &str = "\
Usage: cargo xtask dist [--target TRIPLE] [--optimize 3|s] [--cpu NAME]

Builds the C libraries for this machine, or for TRIPLE, into target/dist/TRIPLE:

  include/hotnas.h, hotnas.hpp        the interface
  lib/libhotnas.a, libhotnas_f32.a    double and single precision; one program may link both
  lib/libhotnas.so, libhotnas_f32.so  the same as shared libraries (with an operating system only)
  lib/pkgconfig, lib/cmake            for pkg-config and CMake

The folder may be moved or copied into any prefix. Each archive is one object file that exports `hotnas_*`
only and needs no more of the C library than memcpy, memmove, memset, memcmp and strlen; this is checked.

  --target TRIPLE    build for another machine, with the compiler that runs cargo if it has the target's core
                     library, otherwise with Debian's (packages rustc-web cargo-web rust-web-src
                     libstd-rust-web-dev); needs the target's binutils
  --optimize 3|s     for speed or for size; without it 3 with an operating system, s without
  --cpu NAME         for processors with the instructions of NAME, for example x86-64-v3, and no others; the
                     folder is then target/dist/TRIPLE-NAME. Results are the same bits
";

/// What to build.
pub(crate) struct Order {
    pub(crate) target: &'static Target,
    pub(crate) optimisation: &'static str,
    /// A processor that rustc knows by this name; without it, what every processor of the target has.
    pub(crate) cpu: Option<String>,
}

impl Order {
    pub(crate) fn new(target: &'static Target) -> Self {
        Self { target, optimisation: target.optimisation(), cpu: None }
    }

    pub(crate) fn for_cpu(target: &'static Target, cpu: &str) -> Self {
        Self { cpu: Some(cpu.into()), ..Self::new(target) }
    }

    /// Cargo's folder for this build. Flags for a processor would rebuild all that lies in the usual one.
    fn target_folder(&self) -> Result<PathBuf, Failure> {
        let folder = project::target_folder()?;
        Ok(match &self.cpu {
            None => folder.to_path_buf(),
            Some(cpu) => folder.join("cpu").join(cpu),
        })
    }
}

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let triple = arguments.option("--target")?;
    let optimisation = arguments.option("--optimize")?;
    let cpu = arguments.option("--cpu")?;
    arguments.finish()?;
    let target = match triple {
        Some(triple) => Target::find(&triple)?,
        None => Target::host()?,
    };
    let optimisation = match optimisation.as_deref() {
        None => target.optimisation(),
        Some("3") => "3",
        Some("s") => "s",
        Some(other) => return Err(Failure::new(format!("--optimize is 3 or s, not {other}"))),
    };
    let folder = build(&Order { target, optimisation, cpu })?;
    println!("{}", folder.display());
    for precision in Precision::ALL {
        let archive = archive(&folder, precision);
        let count = Symbols::of(target, &archive)?.defined.len();
        let kilobytes = fs::metadata(&archive)?.len().div_ceil(1024);
        println!("  lib/lib{}.a: {kilobytes} KiB, {count} functions", precision.library());
    }
    Ok(())
}

/// The folder that `build` fills.
fn folder(order: &Order) -> Result<PathBuf, Failure> {
    let mut name = order.target.triple.to_string();
    if let Some(cpu) = &order.cpu {
        name = format!("{name}-{cpu}");
    }
    Ok(project::target_folder()?.join("dist").join(name))
}

pub(crate) fn archive(folder: &Path, precision: Precision) -> PathBuf {
    folder.join("lib").join(format!("lib{}.a", precision.library()))
}

pub(crate) fn shared(folder: &Path, precision: Precision) -> PathBuf {
    folder.join("lib").join(format!("lib{}.so", precision.library()))
}

/// Builds everything for one target and gives the folder. A build that fails leaves no folder behind.
pub(crate) fn build(order: &Order) -> Result<PathBuf, Failure> {
    let target = order.target;
    let toolchain = Toolchain::for_target(target)?;
    let complete = folder(order)?;
    let mut partial = complete.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    for folder in [&partial, &complete] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(partial.join("lib"))?;
    for precision in Precision::ALL {
        let made = compile(order, &toolchain, "staticlib", precision.features(), &[])?;
        let destination = archive(&partial, precision);
        bundle(target, &made, &destination)?;
        check(&Symbols::of(target, &destination)?, target, precision, &destination)?;
        if target.kind == Kind::Hosted && target.is_host() {
            shared_library(order, &toolchain, precision, &partial)?;
        }
    }
    package::write(target, &partial)?;
    fs::rename(&partial, &complete)?;
    Ok(complete)
}

/// Compiles the crate `hotnas` as one kind of library.
pub(crate) fn compile(
    order: &Order,
    toolchain: &Toolchain,
    kind: &str,
    features: &str,
    link: &[String],
) -> Result<PathBuf, Failure> {
    let words = toolchain.target_words(order.target);
    let mut cargo = toolchain
        .cargo()
        .args(["rustc", "--quiet", "--release", "--locked", "--package", "hotnas", "--lib"])
        .args(["--crate-type", kind, "--features", features])
        .args(&words)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", order.optimisation)
        .env("CARGO_TARGET_DIR", order.target_folder()?);
    if let Some(cpu) = &order.cpu {
        cargo = cargo.env("RUSTFLAGS", format!("-Ctarget-cpu={cpu}"));
    }
    if !link.is_empty() {
        cargo =
            cargo.arg("--").args(link.iter().flat_map(|word| ["-C".into(), format!("link-arg={word}")]));
    }
    cargo.read()?;
    let mut made = order.target_folder()?;
    if !words.is_empty() {
        made.push(order.target.triple);
    }
    made.push("release");
    made.push(if kind == "cdylib" { "libhotnas.so" } else { "libhotnas.a" });
    Ok(made)
}

/// Turns rustc's archive into an archive of one object that offers `hotnas_*` only.
fn bundle(target: &Target, made: &Path, destination: &Path) -> Result<(), Failure> {
    let folder = destination.with_extension("bundle");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let tool = |name: &str| -> Result<Program, Failure> {
        Ok(Program::new(target.tool(name)?).directory(&folder))
    };
    // The linker plugin of an older LLVM stumbles over the bitcode that rustc embeds.
    tool("objcopy")?.args(["-R", ".llvmbc", "-R", ".llvmcmd"]).arg(made).arg("clean.a").read()?;
    let object = own_object(&tool("ar")?.args(["t", "clean.a"]).read()?)?;
    tool("ar")?.args(["x", "clean.a", &object]).read()?;
    let exported = Symbols::of(target, &folder.join(&object))?.defined;
    let linked = match target.kind {
        Kind::Hosted => object,
        Kind::Bare => {
            // libgcc's soft-double subtraction rounds wrongly on some parts (GCC 12, Thumb-2), so the
            // compiler's routines that our code uses go in with it.
            let roots = exported
                .iter()
                .filter(|name| name.starts_with("hotnas_"))
                .flat_map(|name| ["-u".to_string(), name.clone()]);
            tool("ld")?
                .args(["-r", "--gc-sections"])
                .args(roots)
                .args(["-o", "all.o", &object, "clean.a"])
                .read()?;
            "all.o".into()
        }
    };
    tool("objcopy")?
        .args(["--wildcard", "--keep-global-symbol=hotnas_*", "--strip-unneeded", &linked, "hotnas.o"])
        .read()?;
    // D: no time stamps, so that the same sources give the same bytes.
    tool("ar")?.arg("rcsD").arg(destination).arg("hotnas.o").read()?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// The one object of an archive that holds our code and, through link-time optimisation, the code of every
/// crate that we use.
pub(crate) fn own_object(list: &str) -> Result<String, Failure> {
    let own: Vec<&str> =
        list.lines().filter(|name| name.starts_with("hotnas-") || name.starts_with("hotnas.")).collect();
    match own[..] {
        [object] => Ok(object.to_string()),
        _ => Err(Failure::new(format!(
            "{} objects of our own in rustc's archive where link-time optimisation leaves one",
            own.len()
        ))),
    }
}

fn shared_library(
    order: &Order,
    toolchain: &Toolchain,
    precision: Precision,
    folder: &Path,
) -> Result<(), Failure> {
    let library = format!("lib{}.so", precision.library());
    let (name, file) = (format!("{library}.{}", compatible_version()), format!("{library}.{VERSION}"));
    let link = [format!("-Wl,-soname,{name}"), "-Wl,--no-undefined".into(), "-lc".into()];
    let made = compile(order, toolchain, "cdylib", precision.features(), &link)?;
    let lib = folder.join("lib");
    let destination = lib.join(&file);
    fs::copy(made, &destination)?;
    link_file(&file, &lib.join(name))?;
    link_file(&file, &lib.join(library))?;
    check(&Symbols::dynamic(order.target, &destination)?, order.target, precision, &destination)
}

/// The part of the version that changes when programs must be compiled again.
pub(crate) fn compatible_version() -> String {
    let mut parts = VERSION.split('.');
    let (major, minor) = (parts.next().unwrap_or("0"), parts.next().unwrap_or("0"));
    if major == "0" { format!("0.{minor}") } else { major.to_string() }
}

#[cfg(unix)]
fn link_file(file: &str, at: &Path) -> Result<(), Failure> {
    Ok(std::os::unix::fs::symlink(file, at)?)
}

#[cfg(not(unix))]
fn link_file(file: &str, at: &Path) -> Result<(), Failure> {
    fs::copy(at.with_file_name(file), at)?;
    Ok(())
}

fn check(symbols: &Symbols, target: &Target, precision: Precision, file: &Path) -> Result<(), Failure> {
    symbols
        .check(target.kind, precision)
        .map_err(|fault| Failure::new(format!("{}: {fault}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_of_our_own() {
        let list = "hotnas-0a.hotnas.1b-cgu.0.rcgu.o\ncompiler_builtins-2c.o\nhotnas_core-3d.o\n";
        assert_eq!(own_object(list).unwrap(), "hotnas-0a.hotnas.1b-cgu.0.rcgu.o");
        assert!(own_object("core.o\n").is_err());
        assert!(own_object("hotnas-1.o\nhotnas-2.o\n").is_err());
    }
}
