//! Python with the packages that a task needs, in an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, Failure, Program};
use crate::project;

/// What is missing for an environment, and what to install; `None` if nothing is.
pub(crate) fn missing() -> Result<Option<&'static str>, Failure> {
    let Some(python) = process::find("python3") else {
        return Ok(Some("`python3` is not installed: apt-get install python3 python3-venv"));
    };
    if !Program::new(&python).args(["-c", "import venv, ensurepip"]).outcome()?.success() {
        return Ok(Some("python3 lacks venv: apt-get install python3-venv"));
    }
    Ok(None)
}

/// The interpreter of the environment `name` under target/, in which pip has installed `requirements`.
pub(crate) fn python(name: &str, requirements: &Path) -> Result<PathBuf, Failure> {
    if let Some(remedy) = missing()? {
        return Err(Failure::new(remedy));
    }
    let wanted = fs::read_to_string(requirements)?;
    let environment = project::target_folder()?.join(name);
    let stamp = environment.join("requirements-installed.txt");
    let interpreter = environment.join("bin/python");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        Program::new("python3").args(["-m", "venv", "--clear"]).arg(&environment).read()?;
        Program::new(&interpreter)
            // Most of what is installed is never imported: compiling it would take longer than all else.
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-compile",
                "-r",
            ])
            .arg(requirements)
            .read()?;
        fs::write(&stamp, &wanted)?;
    }
    Ok(interpreter)
}
