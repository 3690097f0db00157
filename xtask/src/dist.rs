//! `cargo xtask dist`: the C libraries.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::bundle;
use crate::firmware;
use crate::package;
use crate::process::{self, Failure, Program};
use crate::project::{self, Precision, VERSION};
use crate::symbols::{self, Symbols};
use crate::target::{DEBIAN_RUSTC, Kind, TARGETS, Target, Toolchain};

pub(crate) const HELP: &str = "\
Usage: cargo xtask dist [--target TARGET | --all] [--optimize 3|s] [--cpu NAME] [--micromath]
       cargo xtask dist --all --write
       cargo xtask dist --package arduino|esp-idf|zephyr [--target TARGET]

Builds the C libraries for this machine, or for TARGET, into target/dist/TARGET:

  include/hotnas.h, hotnas.hpp        the interface
  lib/libhotnas.a, libhotnas_f32.a    double and single precision; one program may link both
  lib/libhotnas.so, libhotnas_f32.so  the same as shared libraries (with an operating system only)
  lib/pkgconfig, lib/cmake            for pkg-config and CMake

The folder may be moved or copied into any prefix. Each archive is one object file that exports `hotnas_*`
only and needs no more of the C library than memcpy, memmove, memset, memcmp and strlen, and nothing at all
without an operating system; this is checked.

  --target TARGET    build for another machine: rustc's name of it, or thumbv7em-none-eabihf-fp64 for a
                     Cortex-M7 that computes in double precision. Uses the compiler that runs cargo if it has
                     the target's core library, otherwise Debian's (packages rustc-web cargo-web rust-web-src
                     libstd-rust-web-dev); needs the target's binutils
  --all              build for every target
  --write            with --all: the table of sizes, with its date, is also written into benchmarks/archives.md
  --optimize 3|s     for speed or for size; without it 3 with an operating system, s without. Results are the
                     same bits
  --cpu NAME         for processors with the instructions of NAME, for example x86-64-v3, and no others; the
                     folder is then target/dist/TARGET-NAME. Results are the same bits
  --micromath        a coarser exponential in the kernels of the single-precision library's Gaussian process; the
                     folder is then target/dist/TARGET-micromath
  --package NAME     instead, a package for firmware in target/dist/packages/NAME, with every target that it can
                     use or with TARGET only; packaging/README.md tells what to do with it
";

/// Level s still trades some bytes for speed: it inlines what is called often where a call is shorter, computes
/// both sides of a short branch, copies code that two paths share, and keeps constants and addresses ready for loops,
/// which takes registers. The attribute is the one that level z gives to every function: instructions are chosen,
/// registers taken and common sequences called for the sake of size. The bits of results cannot depend on it.
const SMALL: [&str; 11] = [
    "-force-attribute=minsize",
    "-inline-threshold=30",
    "-disable-machine-licm",
    "-disable-lsr",
    "-split-spill-mode=size",
    "-bonus-inst-threshold=0",
    "-phi-node-folding-threshold=0",
    "-two-entry-phi-node-folding-threshold=0",
    "-enable-pre=0",
    "-enable-load-pre=0",
    "-rotation-max-header-size=2",
];

/// What to build.
pub(crate) struct Order {
    pub(crate) target: &'static Target,
    pub(crate) optimisation: &'static str,
    /// A processor that rustc knows by this name; without it, what every processor of the target has.
    pub(crate) cpu: Option<String>,
    /// Arithmetic that overflows, and what the library asserts of itself, is checked: for tests.
    pub(crate) checks: bool,
    /// rustc tells the size of each function's frame.
    pub(crate) frames: bool,
    /// With the feature `micromath`.
    pub(crate) micromath: bool,
    /// The folder of the workspace to build.
    pub(crate) sources: PathBuf,
}

impl Order {
    pub(crate) fn new(target: &'static Target) -> Self {
        let cpu = target.processor.map(String::from);
        let sources = project::root().into();
        Self {
            target,
            optimisation: target.optimisation(),
            cpu,
            checks: false,
            frames: false,
            micromath: false,
            sources,
        }
    }

    /// What rustc must be told besides, and a folder for results that need it.
    fn flags(&self) -> Option<(PathBuf, String)> {
        let cpu = self.cpu.as_deref().map(|cpu| (format!("cpu/{cpu}"), format!("-Ctarget-cpu={cpu}")));
        let frames = self.frames.then(|| ("frames".into(), "-Zemit-stack-sizes".into()));
        let small = || {
            let words: Vec<String> = SMALL.iter().map(|word| format!("-Cllvm-args={word}")).collect();
            ("small".into(), words.join(" "))
        };
        let small = (self.optimisation == "s").then(small);
        let (folders, flags): (Vec<String>, Vec<String>) =
            cpu.into_iter().chain(frames).chain(small).unzip();
        (!flags.is_empty()).then(|| (folders.iter().collect(), flags.join(" ")))
    }

    pub(crate) fn for_cpu(target: &'static Target, cpu: &str) -> Self {
        Self { cpu: Some(cpu.into()), ..Self::new(target) }
    }
}

pub(crate) fn run(arguments: &mut Arguments) -> Result<(), Failure> {
    let wanted = arguments.option("--target")?;
    let optimisation = arguments.option("--optimize")?;
    let cpu = arguments.option("--cpu")?;
    let all = arguments.flag("--all");
    let write = arguments.flag("--write");
    let micromath = arguments.flag("--micromath");
    let package = arguments.option("--package")?;
    arguments.finish()?;
    if let Some(name) = package {
        if all || write || optimisation.is_some() || cpu.is_some() || micromath {
            return Err(Failure::new("--package goes with --target only"));
        }
        let only = wanted.as_deref().map(Target::find).transpose()?;
        println!("{}", firmware::Package::find(&name)?.make(only)?.display());
        return Ok(());
    }
    let chosen = match wanted {
        Some(_) if all => return Err(Failure::new("--all and --target exclude each other")),
        Some(name) => vec![Target::find(&name)?],
        None if all => TARGETS.iter().collect(),
        None => vec![Target::host()?],
    };
    if all && cpu.is_some() {
        return Err(Failure::new("no processor suits every target: --all and --cpu exclude each other"));
    }
    if write && (!all || optimisation.is_some() || micromath) {
        return Err(Failure::new("--write goes with --all and nothing else"));
    }
    let mut orders = Vec::new();
    for target in chosen {
        let optimisation = match optimisation.as_deref() {
            None => target.optimisation(),
            Some("3") => "3",
            Some("s") => "s",
            Some(other) => return Err(Failure::new(format!("--optimize is 3 or s, not {other}"))),
        };
        let mut order = Order { optimisation, micromath, ..Order::new(target) };
        if cpu.is_some() {
            order.cpu.clone_from(&cpu);
        }
        orders.push(order);
    }
    let mut table = SIZES_HEAD.to_string();
    println!("{SIZES_HEAD}");
    for order in orders {
        let folder = build(&order)?;
        for precision in Precision::ALL {
            let archive = archive(&folder, precision);
            let line = format!(
                "| {} | {} | {} | {} | {} | {} |",
                name(&order),
                order.optimisation,
                precision.library(),
                Symbols::of(order.target, &archive)?.defined.len(),
                fs::metadata(&archive)?.len(),
                symbols::flash(order.target, &archive)?
            );
            println!("{line}");
            table = table + "\n" + &line;
        }
    }
    if write {
        write_sizes(&table)?;
    }
    println!("\nIn {}", project::target_folder()?.join("dist").display());
    Ok(())
}

const SIZES_HEAD: &str = "\
| target | level | library | functions | archive, bytes | code and constants, bytes |
|---|---|---|---|---|---|";

fn write_sizes(table: &str) -> Result<(), Failure> {
    let text = format!(
        "# Sizes of the archives\n\n`cargo xtask dist --all --write`, {}: {}; core library for other targets compiled by\n\
         {}. `code and constants` is what a program holds that uses\n\
         every function; a program linked with `--gc-sections` holds what it calls and no more.\n\n{table}\n",
        process::first_line("date", &["-u", "+%Y-%m-%d"])?,
        process::first_line("rustc", &["--version"])?,
        process::first_line(DEBIAN_RUSTC, &["--version"])?,
    );
    let file = project::root().join("benchmarks/archives.md");
    fs::write(&file, text)?;
    println!("\n{}", file.display());
    Ok(())
}

/// The target's, and the processor's if it is not the target's own.
fn name(order: &Order) -> String {
    let checks = if order.checks { "-checks" } else { "" };
    let checks = if order.micromath { "-micromath" } else { checks };
    match order.cpu.as_deref() {
        Some(cpu) if order.target.processor != Some(cpu) => {
            format!("{}-{cpu}{checks}", order.target.name)
        }
        _ => format!("{}{checks}", order.target.name),
    }
}

/// The folder that `build` fills.
fn folder(order: &Order) -> Result<PathBuf, Failure> {
    Ok(project::target_folder()?.join("dist").join(name(order)))
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
        let mut made = compile(order, &toolchain, "staticlib", precision.features(), &[])?;
        if order.checks {
            made = without_unwinding(target, &made, &partial)?;
        }
        let destination = archive(&partial, precision);
        bundle::make(target, &made, &destination)?;
        check(&Symbols::of(target, &destination)?, target, precision, &destination)?;
        if target.is_host() && !order.checks {
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
    let (cargo, results) = toolchain.cargo(&order.sources, order.target, order.flags(), "rustc")?;
    let size = if order.optimisation == "s" { ",small" } else { "" };
    let micromath = if order.micromath { ",micromath" } else { "" };
    let mut cargo = cargo
        .args(["--quiet", "--release", "--locked", "--package", "hotnas", "--lib"])
        .args(["--crate-type", kind, "--features", &format!("{features}{size}{micromath}")])
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", order.optimisation);
    if order.checks {
        cargo = cargo
            .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
    }
    if !link.is_empty() {
        cargo =
            cargo.arg("--").args(link.iter().flat_map(|word| ["-C".into(), format!("link-arg={word}")]));
    }
    cargo.read()?;
    let file = if kind == "cdylib" { "libhotnas.so" } else { "libhotnas.a" };
    Ok(results.join("release").join(file))
}

/// With checks, functions of the core library stay whose unwinding tables name a routine of the standard
/// library. Nothing unwinds here.
fn without_unwinding(target: &Target, made: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let stripped = folder.join("without-unwinding.a");
    if target.kind == Kind::Wasm {
        return Ok(made.into());
    }
    Program::new(target.tool("objcopy")?)
        .args(["-R", ".llvmbc", "-R", ".llvmcmd", "-R", ".eh_frame", "-R", ".rela.eh_frame"])
        .args(["-R", ".rel.eh_frame"])
        .arg(made)
        .arg(&stripped)
        .read()?;
    Ok(stripped)
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
