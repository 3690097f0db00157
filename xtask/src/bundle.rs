//! Turns rustc's archive into an archive of one object that offers `hotnas_*` and nothing else.
//!
//! rustc's archive holds, beside our code, the object files of the core library and of the compiler's own
//! routines: they would offer `memcpy` or `__aeabi_dadd` to the whole program of the user, and two Rust
//! libraries would clash.
//!
//! The compiler's routines that our code uses (soft floating-point arithmetic, division of long integers) go in
//! with it. A C compiler has its own, but libgcc's soft subtraction rounds wrongly on some parts (GCC 12,
//! Thumb-2), and results must have the same bits everywhere.
//!
//! Every function stays in a section of its own, so that a linker can leave out what a program does not use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Failure, Program};
use crate::project;
use crate::symbols::Symbols;
use crate::target::{Kind, Target};
use crate::wasm;

/// rustc's archive, opened in a folder that lasts as long as this.
pub(crate) struct Opened<'a> {
    target: &'a Target,
    folder: PathBuf,
    /// The file with our code and, through link-time optimisation, the code of every crate that we use.
    pub(crate) object: PathBuf,
}

const ARCHIVE: &str = "clean.a";

impl<'a> Opened<'a> {
    pub(crate) fn new(target: &'a Target, made: &Path, folder: &Path) -> Result<Self, Failure> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut opened = Self { target, folder: folder.into(), object: PathBuf::new() };
        match target.kind {
            // The linker plugin of an older LLVM stumbles over the bitcode that rustc embeds.
            Kind::Hosted | Kind::Bare => {
                let bitcode = ["-R", ".llvmbc", "-R", ".llvmcmd"];
                opened.tool("objcopy")?.args(bitcode).arg(made).arg(ARCHIVE).read()?;
            }
            Kind::Wasm => {
                fs::copy(made, folder.join(ARCHIVE))?;
            }
        }
        let object = own_object(&opened.tool("ar")?.args(["t", ARCHIVE]).read()?)?;
        opened.tool("ar")?.args(["x", ARCHIVE, &object]).read()?;
        opened.object = folder.join(object);
        Ok(opened)
    }

    pub(crate) fn tool(&self, name: &str) -> Result<Program, Failure> {
        Ok(Program::new(self.target.tool(name)?).directory(&self.folder))
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // What is left behind takes room and does no other harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn make(target: &Target, made: &Path, destination: &Path) -> Result<(), Failure> {
    let opened = Opened::new(target, made, &destination.with_extension("bundle"))?;
    match target.kind {
        Kind::Hosted | Kind::Bare => elf(&opened)?,
        Kind::Wasm => webassembly(&opened)?,
    }
    // D: no time stamps, so that the same sources give the same bytes.
    opened.tool("ar")?.arg("rcsD").arg(destination).arg("hotnas.o").read()?;
    Ok(())
}

fn elf(opened: &Opened<'_>) -> Result<(), Failure> {
    let roots = Symbols::of(opened.target, &opened.object)?
        .defined
        .into_iter()
        .filter(|name| name.starts_with("hotnas_"))
        .flat_map(|name| ["-u".to_string(), name]);
    opened
        .tool("ld")?
        .args(opened.target.linker)
        .args(["-r", "--gc-sections"])
        .args(roots)
        .args(["-o", "all.o"])
        .arg(&opened.object)
        .arg(ARCHIVE)
        .read()?;
    // Nothing unwinds through this code. ARM's tables for it would only ask for __aeabi_unwind_cpp_pr0.
    opened
        .tool("objcopy")?
        .args(["--wildcard", "-R", ".ARM.exidx*", "-R", ".rel.ARM.exidx*"])
        .args(["--keep-global-symbol=hotnas_*", "--strip-unneeded", "all.o", "hotnas.o"])
        .read()?;
    Ok(())
}

fn webassembly(opened: &Opened<'_>) -> Result<(), Failure> {
    let linked = opened.folder.join("all.o");
    Program::new(rust_lld()?)
        .args(["-flavor", "wasm", "--relocatable", "--strip-debug", "-o"])
        .arg(&linked)
        .arg(&opened.object)
        .arg(opened.folder.join(ARCHIVE))
        .read()?;
    let mut module = fs::read(&linked)?;
    wasm::keep_global(&mut module, |name| name.starts_with("hotnas_"))?;
    fs::write(opened.folder.join("hotnas.o"), module)?;
    Ok(())
}

/// The linker that comes with rustc: a distribution's may be too old for its object files.
pub(crate) fn rust_lld() -> Result<PathBuf, Failure> {
    let folder =
        Program::new("rustc").args(["--print", "target-libdir"]).directory(project::root()).read()?;
    let linker = Path::new(folder.trim()).with_file_name("bin").join("rust-lld");
    match linker.is_file() {
        true => Ok(linker),
        false => Err(Failure::new(format!("{} is not there: it comes with rustup", linker.display()))),
    }
}

fn own_object(list: &str) -> Result<String, Failure> {
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
