//! Where things lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::process::{Failure, Program};

/// The version in the workspace's Cargo.toml.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The two precisions of the C library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Precision {
    Double,
    Single,
}

impl Precision {
    pub(crate) const ALL: [Self; 2] = [Self::Double, Self::Single];

    /// `hotnas` or `hotnas_f32`: the name of the library without prefix and ending.
    pub(crate) fn library(self) -> &'static str {
        match self {
            Self::Double => "hotnas",
            Self::Single => "hotnas_f32",
        }
    }

    /// What every exported symbol ends in.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Double => "_f64",
            Self::Single => "_f32",
        }
    }

    /// What a C compiler must be told.
    pub(crate) fn c_flags(self) -> &'static [&'static str] {
        match self {
            Self::Double => &[],
            Self::Single => &["-DHOTNAS_F32"],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Double => "f64",
            Self::Single => "f32",
        }
    }

    /// Features of the crate `hotnas` for a C library.
    pub(crate) fn features(self) -> &'static str {
        match self {
            Self::Double => "panic-handler",
            Self::Single => "panic-handler,f32",
        }
    }
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
    })
}

/// The cargo that started this program.
pub(crate) fn cargo() -> Program {
    Program::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).directory(root())
}

/// Cargo's folder of build results, wherever the user has put it.
pub(crate) fn target_folder() -> Result<&'static Path, Failure> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(folder) = FOLDER.get() {
        return Ok(folder);
    }
    let metadata =
        cargo().args(["metadata", "--no-deps", "--format-version", "1", "--locked"]).read()?;
    let folder = metadata
        .split_once("\"target_directory\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(folder, _)| PathBuf::from(folder.replace("\\\\", "\\")))
        .ok_or_else(|| Failure::new("cargo metadata does not say where build results go"))?;
    Ok(FOLDER.get_or_init(|| folder))
}

/// Copies a file, or a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    Ok(())
}
