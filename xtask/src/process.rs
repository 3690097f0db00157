//! Running other programs, and saying what went wrong.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::project;

/// A message for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The person knows already.
    pub(crate) fn said() -> Self {
        Self(String::new())
    }

    pub(crate) fn is_said(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A program and its arguments, with nothing on its standard input.
pub(crate) struct Program(Command);

impl Program {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self(command)
    }

    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.0.arg(word);
        self
    }

    pub(crate) fn args<W: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.0.args(words);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn directory(mut self, path: &Path) -> Self {
        self.0.current_dir(path);
        self
    }

    /// Runs with the terminal's own output.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        let status = self.0.status().map_err(|error| self.not_started(&error))?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("{}: {status}", self.line()))) }
    }

    /// Runs and keeps the output, whatever the exit status.
    pub(crate) fn outcome(&mut self) -> Result<Finished, Failure> {
        let output = self.0.output().map_err(|error| self.not_started(&error))?;
        Ok(Finished { line: self.line(), output })
    }

    /// Runs, demands success, and gives what was printed on standard output.
    pub(crate) fn read(mut self) -> Result<String, Failure> {
        let finished = self.outcome()?;
        if finished.success() { Ok(finished.stdout()) } else { Err(Failure::new(finished.report())) }
    }

    /// The command as one could type it.
    fn line(&self) -> String {
        let mut line = self.0.get_program().to_string_lossy().into_owned();
        for word in self.0.get_args() {
            line.push(' ');
            line.push_str(&word.to_string_lossy());
        }
        line
    }

    fn not_started(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("cannot run `{}`: {error}", self.0.get_program().to_string_lossy()))
    }
}

/// A program that has ended.
pub(crate) struct Finished {
    line: String,
    output: Output,
}

impl Finished {
    pub(crate) fn success(&self) -> bool {
        self.output.status.success()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The command, how it ended and all that it printed.
    pub(crate) fn report(&self) -> String {
        format!("`{}`: {}\n{}{}", self.line, self.output.status, self.stdout(), self.stderr())
    }
}

/// Where `program` is found on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The first line that a program prints, run in the project's folder.
pub(crate) fn first_line(program: impl AsRef<OsStr>, words: &[&str]) -> Result<String, Failure> {
    let text = Program::new(program).args(words).directory(project::root()).read()?;
    Ok(text.lines().next().unwrap_or_default().trim().into())
}

/// Applies `work` to every item on as many threads as the machine has processors; results in the order of
/// the items.
pub(crate) fn in_parallel<T: Sync, O: Send>(items: &[T], work: impl Fn(&T) -> O + Sync) -> Vec<O> {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                while let Some((at, item)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    items.get(at).map(|item| (at, item))
                } {
                    let result = work(item);
                    results.lock().expect("no thread panics with the lock").push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panics with the lock");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_results_keep_their_order() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(
            in_parallel(&items, |item| item * 2),
            (0..100).map(|item| item * 2).collect::<Vec<_>>()
        );
        assert!(in_parallel(&[] as &[u8], |_| ()).is_empty());
    }

    #[test]
    fn a_failing_program_is_reported_with_its_output() {
        let failure =
            Program::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).read().unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("out\n") && text.contains("err\n") && text.contains('3'), "{text}");
        assert!(Program::new("no-such-program-anywhere").read().is_err());
    }
}
