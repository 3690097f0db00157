//! How a distance matrix scales with the number of networks and of threads: `benchmarks/rows.c`.

use std::fmt::Write;
use std::fs;

use super::{Build, Plan, compile};
use crate::process::{Failure, Program};
use crate::project::Precision;

/// One size on one number of threads; 0 threads: a single call for the whole matrix.
pub(super) struct Scaling {
    pub(super) build: &'static str,
    pub(super) networks: usize,
    pub(super) threads: usize,
    /// Least, middle and largest seconds.
    pub(super) seconds: [f64; 3],
}

/// Measures every size on every number of threads, and demands that the matrix is the same to the bit.
pub(super) fn measure(plan: &Plan, builds: &[Build]) -> Result<Vec<Scaling>, Failure> {
    let (sizes, repeats): (&[usize], usize) =
        if plan.quick { (&[100, 200], 3) } else { (&[125, 250, 500, 1000], 3) };
    let mut scaling = Vec::new();
    let mut csv = String::from("build,networks,threads,median,least,most\n");
    for build in builds {
        let program = plan.folder.join(format!("rows-{}", build.name));
        compile(&build.library, Precision::Double, &["rows.c", "problems.c"], &["-pthread"], &program)?;
    }
    for &networks in sizes {
        let mut hash = String::new();
        for build in builds {
            for threads in std::iter::once(0).chain(thread_counts(plan.threads)) {
                let output = Program::new(plan.folder.join(format!("rows-{}", build.name)))
                    .args([networks, threads, repeats].map(|number| number.to_string()))
                    .read()?;
                let mut seconds = read(&output, &mut hash)?;
                seconds.sort_by(f64::total_cmp);
                let (Some(&least), Some(&most)) = (seconds.first(), seconds.last()) else {
                    return Err(Failure::new("rows printed nothing"));
                };
                let middle = seconds[seconds.len() / 2];
                println!("{networks} networks, {threads} threads, {}: {middle:.3} s", build.name);
                writeln!(csv, "{},{networks},{threads},{middle},{least},{most}", build.name)
                    .expect("a string takes everything");
                let seconds = [least, middle, most];
                scaling.push(Scaling { build: build.name, networks, threads, seconds });
            }
        }
    }
    fs::write(plan.folder.join("threads.csv"), csv)?;
    Ok(scaling)
}

/// 1, 2, 4 ... and the largest number itself.
fn thread_counts(most: usize) -> Vec<usize> {
    let mut counts: Vec<usize> = std::iter::successors(Some(1), |count| Some(count * 2))
        .take_while(|&count| count < most)
        .collect();
    counts.push(most);
    counts
}

/// The seconds of lines `seconds,hash`; every hash must be equal to `hash`, unless that is empty.
fn read(output: &str, hash: &mut String) -> Result<Vec<f64>, Failure> {
    output
        .lines()
        .map(|line| {
            let (seconds, own) = line.split_once(',').unwrap_or((line, ""));
            if hash.is_empty() {
                *hash = own.into();
            }
            match seconds.parse() {
                Ok(seconds) if own == hash && !own.is_empty() => Ok(seconds),
                _ => Err(Failure::new(format!("`{line}` does not have the hash {hash} of the matrix"))),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_double_up_to_the_most() {
        assert_eq!(thread_counts(1), [1]);
        assert_eq!(thread_counts(6), [1, 2, 4, 6]);
        assert_eq!(thread_counts(8), [1, 2, 4, 8]);
    }

    #[test]
    fn another_hash_is_refused() {
        let mut hash = String::new();
        assert_eq!(read("0.5,ab\n0.25,ab\n", &mut hash).unwrap(), [0.5, 0.25]);
        assert!(read("0.5,ac\n", &mut hash).is_err());
        assert!(read("x,ab\n", &mut hash).is_err());
    }
}
