//! Stage about the packages for firmware, and the Makefile project of `packaging/make`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Report, Session};
use crate::dist::{self, Order};
use crate::environment;
use crate::firmware::Package;
use crate::process::{self, Failure, Program};
use crate::project::root;
use crate::target::{Target, Toolchain};

/// What the tests of all packages need is built by the stage before.
const ARM: &str = "thumbv7em-none-eabihf";
const RISCV: &str = "riscv32imac-unknown-none-elf";

pub(super) fn run(session: &Session, report: &mut Report) -> Result<(), Failure> {
    let workshop = session.workshop("packages")?;
    for name in [ARM, RISCV] {
        let target = Target::find(name)?;
        let ready = target.tool("ld").and_then(|_| target.c_compiler());
        if let Err(missing) = ready.and_then(|_| Toolchain::for_target(target)) {
            report.skip_many(4, format!("packages with {name}"), missing.to_string());
            continue;
        }
        if name == ARM {
            let arduino = Package::find("arduino")?.make(Some(target))?;
            // The script for PlatformIO is tried for a Cortex-M0 too, whose archive need not be one.
            fs::create_dir_all(arduino.join("src/cortex-m0"))?;
            manifests("arduino", &arduino, report);
            report.check(sketch(target, &arduino, &workshop));
            let zephyr = Package::find("zephyr")?.make(Some(target))?;
            manifests("zephyr", &zephyr, report);
            self::zephyr(&zephyr, &workshop, report);
            makefile_project(target, &workshop, report);
        } else {
            let component = Package::find("esp-idf")?.make(Some(target))?;
            manifests("esp-idf", &component, report);
            esp_idf(&component, &workshop, report);
            report.check(for_esp_idf(target, &component, &workshop));
        }
    }
    Ok(())
}

fn manifests(kind: &str, folder: &Path, report: &mut Report) {
    let tests = root().join("tests/packages");
    match environment::missing() {
        Ok(None) => {
            let checked = environment::python("packages-python", &tests.join("requirements.txt"))
                .and_then(|python| {
                    Program::new(python).arg(tests.join("manifests.py")).arg(kind).arg(folder).read()
                });
            report.check(checked.map(drop));
        }
        Ok(Some(remedy)) => report.skip(format!("manifests of the package {kind}"), remedy),
        Err(failure) => report.fail(failure.to_string()),
    }
}

/// Compiles the example sketch as Arduino does for a Cortex-M4F, by what library.properties says.
fn sketch(target: &Target, package: &Path, workshop: &Path) -> Result<(), Failure> {
    let properties = fs::read_to_string(package.join("library.properties"))?;
    let library = properties
        .lines()
        .find_map(|line| line.strip_prefix("ldflags="))
        .ok_or_else(|| Failure::new("library.properties has no ldflags"))?;
    let tests = root().join("tests/packages/arduino");
    let program = workshop.join("sketch.elf");
    // The driver of C compiles C++ too, and does not ask for a C++ library.
    Program::new(target.c_compiler()?)
        .args(target.c_flags)
        .args(["-std=gnu++17", "-Os", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Werror"])
        .args(["-include", "Arduino.h", "-I"])
        .arg(&tests)
        .arg("-I")
        .arg(package.join("src"))
        .arg(tests.join("main.cpp"))
        .args(["-x", "c++"])
        .arg(package.join("examples/Distance/Distance.ino"))
        .args(["-x", "none", "--specs=rdimon.specs", "-Wl,--gc-sections,--no-warnings", "-L"])
        .arg(package.join("src/cortex-m4/fpv4-sp-d16-hard"))
        .args([library, "-o"])
        .arg(&program)
        .read()
        .map(drop)
}

fn cmake(folder: &str, package: &Path, workshop: &Path, definitions: &[String]) -> Result<(), Failure> {
    let build = workshop.join(folder);
    if build.exists() {
        fs::remove_dir_all(&build)?;
    }
    Program::new("cmake")
        .arg("-S")
        .arg(root().join("tests/packages").join(folder))
        .arg("-B")
        .arg(&build)
        .arg(format!("-DPACKAGE={}", package.display()))
        .args(definitions)
        .read()
        .map(drop)
}

/// Every processor gets its archive: options of Zephyr's configuration, and the folder.
const ZEPHYR: [(&str, &str); 8] = [
    ("CPU_CORTEX_M0", "thumbv6m-none-eabi"),
    ("CPU_CORTEX_M3", "thumbv7m-none-eabi"),
    ("CPU_CORTEX_M4", "thumbv7em-none-eabi"),
    ("CPU_CORTEX_M4;FP_HARDABI", ARM),
    ("CPU_CORTEX_M7;FP_HARDABI", ARM),
    ("CPU_CORTEX_M7;FP_HARDABI;CPU_HAS_FPU_DOUBLE_PRECISION", "thumbv7em-none-eabihf-fp64"),
    ("CPU_CORTEX_M33;FP_HARDABI", "thumbv8m.main-none-eabihf"),
    ("RISCV", RISCV),
];

fn zephyr(package: &Path, workshop: &Path, report: &mut Report) {
    if process::find("cmake").is_none() {
        report.skip_many(9, "the CMake file for Zephyr", "apt-get install cmake make");
        return;
    }
    for (options, folder) in ZEPHYR {
        let definitions = [
            format!("-DOPTIONS={options}"),
            format!("-DEXPECTED={folder}/libhotnas_f32.a"),
            format!("-DMUST_EXIST={}", if folder == ARM { "ON" } else { "OFF" }),
        ];
        report.check(cmake("zephyr", package, workshop, &definitions));
    }
    let double = format!("-DEXPECTED={ARM}/libhotnas.a");
    let options = "-DOPTIONS=CPU_CORTEX_M4;FP_HARDABI;HOTNAS_DOUBLE".to_string();
    report.check(cmake("zephyr", package, workshop, &[options, double, "-DMUST_EXIST=ON".into()]));
}

fn esp_idf(package: &Path, workshop: &Path, report: &mut Report) {
    if process::find("cmake").is_none() {
        report.skip_many(2, "the CMake file for ESP-IDF", "apt-get install cmake make");
        return;
    }
    let single = ["-DEXPECTED=lib/riscv32imac/libhotnas_f32.a".into()];
    report.check(cmake("esp-idf", package, workshop, &single));
    let double = ["-DCONFIG_HOTNAS_DOUBLE=y".into(), "-DEXPECTED=lib/riscv32imac/libhotnas.a".into()];
    report.check(cmake("esp-idf", package, workshop, &double));
}

/// Compiles and links a program with the flags of ESP-IDF for these chips.
fn for_esp_idf(target: &Target, package: &Path, workshop: &Path) -> Result<(), Failure> {
    Program::new(target.c_compiler()?)
        .args(["-march=rv32imac_zicsr_zifencei", "-mabi=ilp32", "-std=gnu17", "-Os", "-ffreestanding"])
        .args(["-DHOTNAS_F32", "-nostdlib", "-Wl,--gc-sections,-e,main", "-I"])
        .arg(package.join("include"))
        .arg(root().join("tests/bare/metric.c"))
        .arg(package.join("lib/riscv32imac/libhotnas_f32.a"))
        .arg("-o")
        .arg(workshop.join("esp-idf.elf"))
        .read()
        .map(drop)
}

/// The project of `packaging/README.md`, built as the page says, and run if QEMU is there.
fn makefile_project(target: &'static Target, workshop: &Path, report: &mut Report) {
    if process::find("make").is_none() {
        report.skip_many(2, "the Makefile project", "apt-get install make");
        return;
    }
    let built = project_folder(target, workshop);
    let folder = match &built {
        Ok(folder) => folder,
        Err(failure) => return report.fail(failure.to_string()),
    };
    report.check(Program::new("make").arg("-C").arg(folder).read().map(drop));
    if process::find("qemu-system-arm").is_none() {
        report.skip("the Makefile project on a board", "apt-get install qemu-system-arm");
        return;
    }
    let run = Program::new("timeout").args(["60", "make", "-s", "-C"]).arg(folder).arg("run").outcome();
    // What a program shows through the debugger's channel comes on standard error.
    report.check(run.and_then(|run| match run.success() && run.stderr().contains("nearest: 3") {
        true => Ok(()),
        false => Err(Failure::new(run.report())),
    }));
}

fn project_folder(target: &'static Target, workshop: &Path) -> Result<PathBuf, Failure> {
    let library = dist::build(&Order::new(target))?;
    let folder = workshop.join("project");
    Program::new("cp").arg("-R").arg(root().join("packaging/make")).arg(&folder).read()?;
    Program::new("cp").arg("-R").arg(&library).arg(folder.join("hotnas")).read()?;
    Ok(folder)
}
