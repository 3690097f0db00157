//! Searches on several threads, with a running estimate of the time left.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hotnas_core::metric::DistanceCache;

use crate::Failure;
use crate::method::Plan;
use crate::run::{Designs, Memory, Values, search};
use crate::store::Store;

/// A search that is to be done.
pub(crate) struct Job<'a> {
    /// Jobs of one group share the plan and the space, and so their distances.
    pub(crate) group: usize,
    pub(crate) plan: &'a Plan,
    pub(crate) designs: &'a Designs,
    pub(crate) values: &'a Values,
    pub(crate) store: &'a Store,
    /// What is being done, for the progress line.
    pub(crate) title: String,
    pub(crate) seed: u64,
    pub(crate) budget: usize,
}

/// Does all jobs, in order of their groups; `cache` is the number of distances that a thread remembers.
pub(crate) fn run(jobs: Vec<Job<'_>>, threads: usize, cache: usize) -> Result<(), Failure> {
    let progress = Progress::new(&jobs);
    let queue = Mutex::new(VecDeque::from(jobs));
    let take = |wanted: Option<usize>| {
        let mut queue = queue.lock().expect("no thread panics with the lock");
        queue.pop_front_if(|job| wanted.is_none_or(|group| job.group == group))
    };
    let one = || {
        while let Some(job) = take(None) {
            let metrics = job.plan.metrics(job.designs.attributes())?;
            let entries = if job.plan.predicts() { cache / metrics.len() } else { 0 };
            let extent = DistanceCache::<f64>::extent(entries);
            let mut memories: Vec<_> = metrics.iter().map(|_| Memory::new(extent)).collect();
            let mut caches = memories
                .iter_mut()
                .map(|memory| DistanceCache::new(entries, &mut memory.arena()))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| error.to_string())?;
            let mut next = Some(job);
            while let Some(job) = next {
                progress.begins(&job);
                let record = search(&job, &metrics, &mut caches)?;
                progress.ends(&job, record.seconds);
                job.store.append(&record)?;
                next = take(Some(job.group));
            }
        }
        Ok(())
    };
    let result = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let results = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        results.collect::<Vec<_>>().into_iter().collect()
    });
    progress.finish();
    result
}

/// How far the work is. Methods differ in speed a thousandfold: each group has its own estimate.
struct Progress {
    state: Mutex<State>,
    terminal: bool,
    total: usize,
}

struct State {
    begun: Instant,
    said: Option<Instant>,
    done: usize,
    groups: Vec<Group>,
}

#[derive(Clone, Default)]
struct Group {
    left: usize,
    done: usize,
    seconds: f64,
}

impl State {
    /// Seconds of work left by what was measured so far; unknown groups count like the known ones.
    fn left(&self) -> f64 {
        let per_group = |g: &Group| (g.done > 0).then(|| g.seconds / g.done as f64);
        let known: Vec<f64> = self.groups.iter().filter_map(per_group).collect();
        let other = known.iter().sum::<f64>() / known.len().max(1) as f64;
        self.groups.iter().map(|g| g.left as f64 * per_group(g).unwrap_or(other)).sum()
    }
}

impl Progress {
    fn new(jobs: &[Job<'_>]) -> Self {
        let mut groups = vec![Group::default(); jobs.iter().map(|job| job.group + 1).max().unwrap_or(0)];
        for job in jobs {
            groups[job.group].left += 1;
        }
        let state = State { begun: Instant::now(), said: None, done: 0, groups };
        Self { state: Mutex::new(state), terminal: std::io::stderr().is_terminal(), total: jobs.len() }
    }

    fn begins(&self, job: &Job<'_>) {
        self.say(&job.title);
    }

    fn ends(&self, job: &Job<'_>, seconds: f64) {
        let mut state = self.state.lock().expect("no thread panics with the lock");
        state.done += 1;
        let group = &mut state.groups[job.group];
        group.left -= 1;
        group.done += 1;
        group.seconds += seconds;
    }

    fn say(&self, title: &str) {
        let mut state = self.state.lock().expect("no thread panics with the lock");
        let pause = Duration::from_secs(if self.terminal { 0 } else { 15 });
        if state.said.is_some_and(|said| said.elapsed() < pause) {
            return;
        }
        state.said = Some(Instant::now());
        let spent: f64 = state.groups.iter().map(|group| group.seconds).sum();
        let elapsed = state.begun.elapsed().as_secs_f64();
        let left = match state.done {
            0 => "no estimate yet".into(),
            // Searches run side by side: what counts is how fast work is done.
            _ => format!("about {} left", duration(state.left() * elapsed / spent.max(1e-9))),
        };
        let line = format!("{} of {} searches, {left}; {title}", state.done, self.total);
        match self.terminal {
            true => eprint!("\r\x1b[K{line}"),
            false => eprintln!("{line}"),
        }
        std::io::stderr().flush().ok();
    }

    fn finish(&self) {
        let state = self.state.lock().expect("no thread panics with the lock");
        if self.total > 0 {
            let end = if self.terminal { "\r\x1b[K" } else { "" };
            eprintln!(
                "{end}{} searches in {}",
                state.done,
                duration(state.begun.elapsed().as_secs_f64())
            );
        }
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{s:.0} s"),
        s if s < 6000.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_knows_that_methods_differ() {
        let group = |left, done, seconds| Group { left, done, seconds };
        let groups = vec![group(3, 2, 10.0), group(2, 0, 0.0), group(1, 1, 1.0)];
        let state = State { begun: Instant::now(), said: None, done: 3, groups };
        assert_eq!(state.left(), 3.0 * 5.0 + 2.0 * 3.0 + 1.0);
        assert_eq!([duration(9.6), duration(600.0), duration(7200.0)], ["10 s", "10 min", "2.0 h"]);
    }
}
