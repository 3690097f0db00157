//! The machines that programs of `examples/embedded` run on: this one, and emulated ones.

use std::path::{Path, PathBuf};

use crate::bundle;
use crate::dist;
use crate::process::{self, Failure, Program};
use crate::project::{Precision, root};
use crate::target::{Target, Toolchain};

/// A row of the table of machines.
pub(crate) struct Board {
    pub(crate) name: &'static str,
    /// What it is, for people.
    pub(crate) what: &'static str,
    /// A name in the table of targets; empty for this machine's.
    target: &'static str,
    machine: Machine,
    /// Bytes that the golden program may lend to the library.
    pub(crate) arena: usize,
    /// Continuous integration runs it.
    pub(crate) always: bool,
}

enum Machine {
    /// A Linux program, by itself or through qemu-user.
    Linux(Option<&'static str>),
    /// A whole machine of QEMU's.
    Bare(&'static Bare),
    /// A WebAssembly module in node.
    Node,
}

/// A machine without an operating system, in QEMU.
struct Bare {
    emulator: &'static str,
    package: &'static str,
    arguments: &'static [&'static str],
    source: &'static str,
    /// Address and size.
    flash: (u32, u32),
    ram: (u32, u32),
    /// Of the timer that counts.
    megahertz: u32,
}

const KILO: u32 = 1024;
const MEGA: u32 = 1024 * KILO;

/// An instruction takes 2^6 ns of the emulated time: more than a tick of each board's timer, so that no
/// instruction is lost.
const SHIFT: u32 = 6;

const fn cortex_m(
    arguments: &'static [&'static str],
    flash: (u32, u32),
    ram: (u32, u32),
    megahertz: u32,
) -> Bare {
    Bare {
        emulator: "qemu-system-arm",
        package: "qemu-system-arm",
        arguments,
        source: "cortex_m.c",
        flash,
        ram,
        megahertz,
    }
}

/// The BBC micro:bit as it is: flash and RAM of its nRF51.
const MICROBIT: Bare = cortex_m(&["-M", "microbit"], (0, 256 * KILO), (0x2000_0000, 16 * KILO), 16);

const M0: Bare = cortex_m(
    &[
        "-M",
        "microbit",
        "-global",
        "nrf51-soc.sram-size=1048576",
        "-global",
        "nrf51-soc.flash-size=1048576",
    ],
    (0, MEGA),
    (0x2000_0000, MEGA),
    16,
);
/// As much memory as a small Cortex-M4 has, for example an STM32F401xB.
const M4F_SMALL: Bare = cortex_m(&["-M", "mps2-an386"], (0, 256 * KILO), (0x2000_0000, 64 * KILO), 25);
const M3: Bare = cortex_m(&["-M", "mps2-an385"], (0, 4 * MEGA), (0x2000_0000, 4 * MEGA), 25);
const M4F: Bare = cortex_m(&["-M", "mps2-an386"], (0, 4 * MEGA), (0x2000_0000, 4 * MEGA), 25);
const M7: Bare = cortex_m(&["-M", "mps2-an500"], (0, 4 * MEGA), (0x2000_0000, 4 * MEGA), 25);
/// The secure names of its memories.
const M33: Bare = cortex_m(&["-M", "mps2-an505"], (0x1000_0000, 4 * MEGA), (0x3800_0000, 2 * MEGA), 20);
const RISCV32: Bare = Bare {
    emulator: "qemu-system-riscv32",
    package: "qemu-system-misc",
    arguments: &["-M", "virt", "-bios", "none"],
    source: "riscv.c",
    flash: (0x8000_0000, 2 * MEGA),
    ram: (0x8020_0000, 2 * MEGA),
    megahertz: 1,
};

const fn board(
    name: &'static str,
    what: &'static str,
    target: &'static str,
    machine: Machine,
    always: bool,
) -> Board {
    Board { name, what, target, machine, arena: 64 * 1024, always }
}

const fn linux(name: &'static str, target: &'static str, emulator: &'static str, always: bool) -> Board {
    board(name, emulator, target, Machine::Linux(Some(emulator)), always)
}

const fn bare(
    name: &'static str,
    what: &'static str,
    target: &'static str,
    bare: &'static Bare,
    always: bool,
) -> Board {
    board(name, what, target, Machine::Bare(bare), always)
}

/// All of them, the host first.
pub(crate) const BOARDS: &[Board] = &[
    board("host", "this machine", "", Machine::Linux(None), true),
    linux("i686", "i686-unknown-linux-gnu", "qemu-i386", false),
    linux("aarch64", "aarch64-unknown-linux-gnu", "qemu-aarch64", true),
    linux("armv7", "armv7-unknown-linux-gnueabihf", "qemu-arm", false),
    linux("riscv64", "riscv64gc-unknown-linux-gnu", "qemu-riscv64", false),
    Board {
        arena: 7680,
        ..bare("micro:bit", "Cortex-M0 with 16 KB of RAM", "thumbv6m-none-eabi", &MICROBIT, true)
    },
    bare("cortex-m0", "QEMU's micro:bit with 1 MB of RAM", "thumbv6m-none-eabi", &M0, true),
    bare("cortex-m3", "QEMU's mps2-an385", "thumbv7m-none-eabi", &M3, false),
    bare("cortex-m4f", "QEMU's mps2-an386", "thumbv7em-none-eabihf", &M4F, true),
    bare(
        "cortex-m7",
        "QEMU's mps2-an500, double precision in hardware",
        "thumbv7em-none-eabihf-fp64",
        &M7,
        false,
    ),
    bare("cortex-m33", "QEMU's mps2-an505", "thumbv8m.main-none-eabihf", &M33, false),
    bare("riscv32", "QEMU's virt", "riscv32imac-unknown-none-elf", &RISCV32, false),
    board("wasm32", "node", "wasm32-unknown-unknown", Machine::Node, false),
];

/// Where the search on a device runs, in 64 KB of RAM and 256 KB of flash.
pub(crate) const SMALL_M4F: Board =
    bare("cortex-m4f with 64 KB of RAM", "QEMU's mps2-an386", "thumbv7em-none-eabihf", &M4F_SMALL, true);

/// A program to be built.
pub(crate) struct Job<'a> {
    /// Its file in `examples/embedded`, or a path.
    pub(crate) source: &'a str,
    pub(crate) precision: Precision,
    /// The archive's folder, as `dist` made it.
    pub(crate) library: &'a Path,
    /// What else the C compiler is told.
    pub(crate) flags: &'a [&'a str],
    /// Definitions for the preprocessor.
    pub(crate) defines: &'a [String],
    /// Where headers lie that were made for it.
    pub(crate) include: Option<&'a Path>,
}

fn examples() -> PathBuf {
    root().join("examples/embedded")
}

impl Board {
    pub(crate) fn find(name: &str) -> Result<&'static Self, Failure> {
        BOARDS.iter().find(|board| board.name == name).ok_or_else(|| {
            let known: Vec<&str> = BOARDS.iter().map(|board| board.name).collect();
            Failure::new(format!("no board `{name}`; known: {}", known.join(", ")))
        })
    }

    pub(crate) fn target(&self) -> Result<&'static Target, Failure> {
        if self.target.is_empty() { Target::host() } else { Target::find(self.target) }
    }

    pub(crate) fn is_host(&self) -> bool {
        self.target.is_empty()
    }

    /// Whether unoptimised code is too much for its flash.
    pub(crate) fn is_small(&self) -> bool {
        matches!(self.machine, Machine::Bare(bare) if bare.flash.1 < MEGA)
    }

    /// A failure that names what is not installed.
    pub(crate) fn require(&self) -> Result<(), Failure> {
        let target = self.target()?;
        Toolchain::for_target(target)?;
        target.c_compiler()?;
        let (program, package) = match self.machine {
            Machine::Linux(None) => return Ok(()),
            Machine::Linux(Some(emulator)) => (emulator, "qemu-user"),
            Machine::Bare(bare) => (bare.emulator, bare.package),
            Machine::Node => ("node", "nodejs"),
        };
        target.tool("nm")?;
        match process::find(program) {
            Some(_) => Ok(()),
            None => {
                Err(Failure::new(format!("`{program}` is not installed: apt-get install {package}")))
            }
        }
    }

    /// Compiles and links a program.
    pub(crate) fn build(&self, job: &Job<'_>, program: &Path) -> Result<(), Failure> {
        let target = self.target()?;
        let compiler = || {
            let include = job.include.map(|folder| ["-I".as_ref(), folder.as_os_str()]);
            Ok::<_, Failure>(
                Program::new(target.c_compiler()?)
                    .args(target.c_flags)
                    .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-ffunction-sections"])
                    .args(job.flags)
                    .args(job.precision.c_flags())
                    .args(job.defines.iter().map(|define| format!("-D{define}")))
                    .arg("-I")
                    .arg(root().join("include"))
                    .args(include.into_iter().flatten()),
            )
        };
        let boards = examples().join("boards");
        let archive = dist::archive(job.library, job.precision);
        let main = examples().join(job.source);
        match self.machine {
            Machine::Linux(emulator) => {
                // A program for another machine brings its C library along.
                let linking: &[&str] = if emulator.is_some() { &["-static"] } else { &[] };
                compiler()?
                    .args(linking)
                    .arg(main)
                    .args(["hosted.c", "text.c"].map(|file| boards.join(file)))
                    .arg(archive)
                    .arg("-o")
                    .arg(program)
                    .read()?;
            }
            Machine::Bare(bare) => {
                compiler()?
                    .args(FREESTANDING)
                    .arg("-DBARE")
                    .arg(format!("-DMEGAHERTZ={}", bare.megahertz))
                    .arg(format!("-DNANOSECONDS={}", 1u32 << SHIFT))
                    .arg(main)
                    .args(["bare.c", "memory.c", "text.c", bare.source].map(|file| boards.join(file)))
                    .arg(archive)
                    .args(["-nostdlib", "-Wl,--gc-sections", "-Wl,--no-warn-execstack"])
                    .arg(format!(
                        "-Wl,--defsym=FLASH={:#x},--defsym=FLASH_SIZE={:#x}",
                        bare.flash.0, bare.flash.1
                    ))
                    .arg(format!(
                        "-Wl,--defsym=RAM={:#x},--defsym=RAM_SIZE={:#x}",
                        bare.ram.0, bare.ram.1
                    ))
                    .arg("-T")
                    .arg(boards.join("bare.ld"))
                    // Whole numbers of 64 bits in the C program need its routines.
                    .args(["-lgcc", "-o"])
                    .arg(program)
                    .read()?;
            }
            Machine::Node => {
                let own = ["wasm.c", "memory.c", "text.c"].map(|file| boards.join(file));
                let sources: Vec<PathBuf> = [main].into_iter().chain(own).collect();
                let objects =
                    ["main.o", "board.o", "memory.o", "text.o"].map(|end| program.with_extension(end));
                for (source, object) in sources.iter().zip(&objects) {
                    compiler()?.args(FREESTANDING).arg("-c").arg(source).arg("-o").arg(object).read()?;
                }
                Program::new(bundle::rust_lld()?)
                    .args(["-flavor", "wasm", "--no-entry", "--export=main", "--gc-sections", "-o"])
                    .arg(program)
                    .args(&objects)
                    .arg(archive)
                    .read()?;
            }
        }
        Ok(())
    }

    /// Bytes of flash and of variables in RAM of a linked program.
    pub(crate) fn memory(&self, program: &Path) -> Result<(u64, u64), Failure> {
        let text = Program::new(self.target()?.tool("size")?).arg(program).read()?;
        let columns: Vec<u64> = text
            .lines()
            .nth(1)
            .unwrap_or_default()
            .split_whitespace()
            .map_while(|word| word.parse().ok())
            .collect();
        match columns[..] {
            [text, data, bss, ..] => Ok((text + data, data + bss)),
            _ => Err(Failure::new(format!("size says\n{text}"))),
        }
    }

    /// Runs a program to its end and gives what it printed.
    pub(crate) fn run(&self, program: &Path) -> Result<String, Failure> {
        let patience = Program::new("timeout").arg(PATIENCE);
        match self.machine {
            Machine::Linux(None) => patience.arg(program).read(),
            Machine::Linux(Some(emulator)) => patience.arg(emulator).arg(program).read(),
            Machine::Bare(bare) => {
                let finished = patience
                    .arg(bare.emulator)
                    .args(bare.arguments)
                    .args(["-nographic", "-monitor", "none", "-serial", "none"])
                    .args(["-semihosting-config", "enable=on,target=native"])
                    .args(["-icount", &format!("shift={SHIFT},sleep=off"), "-kernel"])
                    .arg(program)
                    .outcome()?;
                // QEMU prints the program's output on standard error.
                match finished.success() {
                    true => Ok(finished.stdout() + &finished.stderr()),
                    false => Err(Failure::new(finished.report())),
                }
            }
            Machine::Node => {
                patience.arg("node").arg(examples().join("boards/wasm.mjs")).arg(program).read()
            }
        }
    }
}

/// For a program without a C library. Its own `memcpy` must not become a call of `memcpy`.
const FREESTANDING: [&str; 2] = ["-ffreestanding", "-fno-builtin"];

/// Seconds after which a program is taken to hang.
const PATIENCE: &str = "600";
