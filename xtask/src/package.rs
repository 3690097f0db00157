//! What a build system needs to find an installed library: pkg-config and CMake files.
//!
//! None of them holds an absolute path: the folder works wherever it is copied to.

use std::fs;
use std::path::Path;

use crate::process::Failure;
use crate::project::{self, Precision, VERSION};
use crate::target::Target;

const PKG_CONFIG: &str = include_str!("../package/hotnas.pc.in");
const CMAKE_CONFIG: &str = include_str!("../package/hotnasConfig.cmake.in");
const CMAKE_VERSION: &str = include_str!("../package/hotnasConfigVersion.cmake.in");

/// Copies the headers and writes the packaging files.
pub(crate) fn write(target: &Target, folder: &Path) -> Result<(), Failure> {
    let include = folder.join("include");
    fs::create_dir_all(&include)?;
    for header in fs::read_dir(project::root().join("include"))? {
        let source = header?;
        fs::copy(source.path(), include.join(source.file_name()))?;
    }
    let license = folder.join("share/doc/hotnas");
    fs::create_dir_all(&license)?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(project::root().join(file), license.join(file))?;
    }
    let pkg_config = folder.join("lib/pkgconfig");
    fs::create_dir_all(&pkg_config)?;
    for precision in Precision::ALL {
        let text = fill(PKG_CONFIG, target, Some(precision));
        fs::write(pkg_config.join(format!("{}.pc", precision.library())), text)?;
    }
    let cmake = folder.join("lib/cmake/hotnas");
    fs::create_dir_all(&cmake)?;
    fs::write(cmake.join("hotnasConfig.cmake"), fill(CMAKE_CONFIG, target, None))?;
    fs::write(cmake.join("hotnasConfigVersion.cmake"), fill(CMAKE_VERSION, target, None))?;
    Ok(())
}

fn fill(template: &str, target: &Target, precision: Option<Precision>) -> String {
    let mut text = template.replace("@VERSION@", VERSION).replace("@TARGET@", target.triple);
    if let Some(precision) = precision {
        let flags: String = precision.c_flags().iter().map(|flag| format!(" {flag}")).collect();
        text = text
            .replace("@LIBRARY@", precision.library())
            .replace("@PRECISION@", precision.name())
            .replace("@FLAGS@", &flags);
    }
    text
}
