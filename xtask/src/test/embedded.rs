//! Stage about programs on emulated machines.

use super::{Report, Session};
use crate::embedded::board::{BOARDS, Board};
use crate::embedded::devices::DEVICES;
use crate::embedded::figures;
use crate::embedded::golden::{self, Build};
use crate::process::Failure;
use crate::project::Precision;

/// The golden hashes of the machines that continuous integration runs are this machine's, and so is what the
/// programs on devices find.
pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let host = session.library()?;
    let [double, single] = Precision::ALL.map(|precision| golden::reference(&host, precision));
    let references = [double?, single?];
    for board in BOARDS.iter().filter(|board| board.always) {
        if let Err(missing) = board.require() {
            report.skip(format!("golden hashes of {}", board.name), missing.to_string());
            continue;
        }
        for build in Build::ALL {
            if build == Build::Debug && !board.is_host() {
                continue;
            }
            let library = build.library(board)?;
            for (precision, reference) in Precision::ALL.into_iter().zip(&references) {
                report.check(golden::check(board, &library, precision, false, reference).map(|_| ()));
            }
        }
    }
    for device in DEVICES {
        let device = device()?;
        if let Err(missing) = device.board.require() {
            report.skip(device.what, missing.to_string());
            continue;
        }
        let library = Build::Release.library(device.board)?;
        for precision in Precision::ALL {
            if device.is_short(precision) {
                report.check(device.check(&host, &library, precision).map(|_| ()));
            }
        }
    }
    limits(report)
}

/// Code, stack, RAM and instructions on a Cortex-M4F keep to their limits.
fn limits(report: &mut Report) -> Result<(), Failure> {
    let board = Board::find(figures::MEASURED[0])?;
    if let Err(missing) = board.require() {
        report.skip("code, stack and instructions", missing.to_string());
        return Ok(());
    }
    let limits = figures::Limits::read()?;
    if let Err(other) = limits.check_origin() {
        report.skip("limits of code, stack and instructions", other.to_string());
        return Ok(());
    }
    let library = Build::Release.library(board)?;
    for precision in Precision::ALL {
        report.check(limits.allow(&figures::take(board, &library, precision)?));
    }
    Ok(())
}
