//! `cargo xtask dist --package`: libraries in the form that build systems for firmware want.
//!
//! A package is a folder of `packaging/` with its templates filled in, the headers, and archives for the targets
//! that it can use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project::{self, Precision, VERSION};
use crate::target::Target;

/// A package, and where things lie in it.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    /// The folder of the headers.
    headers: &'static str,
    precisions: &'static [Precision],
    /// Targets, and the folders of their archives.
    archives: &'static [(&'static str, &'static str)],
}

const PACKAGES: &[Package] = &[
    Package {
        name: "arduino",
        headers: "src",
        precisions: &[Precision::Single],
        archives: &[
            ("thumbv6m-none-eabi", "src/cortex-m0"),
            ("thumbv6m-none-eabi", "src/cortex-m0plus"),
            ("thumbv7m-none-eabi", "src/cortex-m3"),
            ("thumbv7em-none-eabi", "src/cortex-m4"),
            ("thumbv7em-none-eabihf", "src/cortex-m4/fpv4-sp-d16-hard"),
            ("thumbv7em-none-eabihf-fp64", "src/cortex-m7/fpv5-d16-hard"),
            ("thumbv8m.main-none-eabihf", "src/cortex-m33/fpv5-sp-d16-hard"),
        ],
    },
    Package {
        name: "zephyr",
        headers: "include",
        precisions: &Precision::ALL,
        archives: &[
            ("thumbv6m-none-eabi", "lib/thumbv6m-none-eabi"),
            ("thumbv7m-none-eabi", "lib/thumbv7m-none-eabi"),
            ("thumbv7em-none-eabi", "lib/thumbv7em-none-eabi"),
            ("thumbv7em-none-eabihf", "lib/thumbv7em-none-eabihf"),
            ("thumbv7em-none-eabihf-fp64", "lib/thumbv7em-none-eabihf-fp64"),
            ("thumbv8m.main-none-eabihf", "lib/thumbv8m.main-none-eabihf"),
            ("riscv32imac-unknown-none-elf", "lib/riscv32imac-unknown-none-elf"),
        ],
    },
    Package {
        name: "esp-idf",
        headers: "include",
        precisions: &Precision::ALL,
        archives: &[("riscv32imac-unknown-none-elf", "lib/riscv32imac")],
    },
];

impl Package {
    pub(crate) fn find(name: &str) -> Result<&'static Self, Failure> {
        PACKAGES.iter().find(|package| package.name == name).ok_or_else(|| {
            let known: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
            Failure::new(format!("no package `{name}`; known: {}", known.join(", ")))
        })
    }

    /// Builds the libraries and fills the folder, which it gives. With a target, for that one only.
    pub(crate) fn make(&self, only: Option<&Target>) -> Result<PathBuf, Failure> {
        let folder = project::target_folder()?.join("dist/packages").join(self.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let root = project::root();
        fill(&root.join("packaging").join(self.name), &folder)?;
        copy_files(&root.join("include"), &folder.join(self.headers))?;
        for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
            fs::copy(root.join(license), folder.join(license))?;
        }
        let mut built: Option<(&str, PathBuf)> = None;
        for &(name, place) in self.archives {
            if only.is_some_and(|only| only.name != name) {
                continue;
            }
            let library = match built.take() {
                Some((last, library)) if last == name => library,
                _ => dist::build(&Order::new(Target::find(name)?))?,
            };
            let place = folder.join(place);
            fs::create_dir_all(&place)?;
            for &precision in self.precisions {
                let archive = format!("lib{}.a", precision.library());
                fs::copy(dist::archive(&library, precision), place.join(archive))?;
            }
            built = Some((name, library));
        }
        match built {
            Some(_) => Ok(folder),
            None => Err(Failure::new(format!("the package {} has no use for that target", self.name))),
        }
    }
}

/// Copies a folder of templates. A file that ends in `.in` gets the version, and loses the ending.
fn fill(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            fill(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|ending| ending == "in") {
            let text = fs::read_to_string(&path)?.replace("@VERSION@", VERSION);
            fs::write(to.join(name).with_extension(""), text)?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

fn copy_files(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_name_targets_that_exist_side_by_side() {
        for package in PACKAGES {
            for (name, _) in package.archives {
                assert!(Target::find(name).is_ok());
                // A target is built once if its places follow one another.
                let places: Vec<usize> =
                    (0..package.archives.len()).filter(|&at| package.archives[at].0 == *name).collect();
                assert!(places.windows(2).all(|pair| pair[1] == pair[0] + 1));
            }
        }
    }
}
