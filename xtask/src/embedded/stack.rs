//! The worst-case stack of every exported function, from the machine code: the frame of each function, which rustc
//! tells, and who calls whom, which the disassembly tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::bundle::Opened;
use crate::dist::{self, Order};
use crate::process::Failure;
use crate::project::Precision;
use crate::target::{Target, Toolchain};

/// Bytes of stack by the name of the function.
pub(crate) type Stacks = BTreeMap<String, u64>;

/// Addresses of functions.
type Address = u64;

/// What is known of the functions of a program.
#[derive(Default)]
struct Program {
    names: BTreeMap<Address, String>,
    frames: BTreeMap<Address, u64>,
    calls: BTreeMap<Address, BTreeSet<Address>>,
    /// These call through a pointer.
    indirect: BTreeSet<Address>,
}

/// Compiles the library so that rustc tells the frames, and analyses it.
pub(super) fn of_exports(
    target: &'static Target,
    precision: Precision,
    folder: &Path,
) -> Result<Stacks, Failure> {
    let order = Order { frames: true, ..Order::new(target) };
    let toolchain = Toolchain::for_target(target)?;
    let made = dist::compile(&order, &toolchain, "staticlib", precision.features(), &[])?;
    let opened = Opened::new(target, &made, &folder.join("frames"))?;
    opened
        .tool("ld")?
        .args(target.linker)
        .args(["-e", "0", "--no-gc-sections", "-o", "all.elf"])
        .arg(&opened.object)
        .arg("clean.a")
        .read()?;
    opened
        .tool("objcopy")?
        .args(["-O", "binary", "--only-section=.stack_sizes"])
        .args(["--set-section-flags", ".stack_sizes=alloc,contents"])
        .args(["all.elf", "sizes.bin"])
        .read()?;
    let sizes = fs::read(opened.object.with_file_name("sizes.bin"))?;
    let text = opened.tool("objdump")?.args(["-d", "--no-show-raw-insn", "all.elf"]).read()?;
    let mut program = Program::read(&text);
    program.frames = frames(&sizes).ok_or_else(|| Failure::new("sizes of stacks are not understood"))?;
    program.stacks()
}

/// Entries of the section: an address of 32 bits, and a number of seven bits a byte, the low ones first.
fn frames(bytes: &[u8]) -> Option<BTreeMap<Address, u64>> {
    let mut frames = BTreeMap::new();
    let mut rest = bytes;
    while let Some((address, mut tail)) = rest.split_first_chunk::<4>() {
        let (mut size, mut shift) = (0u64, 0);
        loop {
            let (byte, next) = tail.split_first()?;
            size |= u64::from(byte & 0x7f).checked_shl(shift)?;
            (tail, shift) = (next, shift + 7);
            if byte & 0x80 == 0 {
                break;
            }
        }
        // The lowest bit tells the instruction set on Arm.
        frames.insert(Address::from(u32::from_le_bytes(*address) & !1), size);
        rest = tail;
    }
    Some(frames)
}

impl Program {
    /// From the text of `objdump -d`.
    fn read(text: &str) -> Self {
        let mut program = Self::default();
        let constants = constants(text);
        // Registers that hold a constant: a function that is called several times is called through one.
        let mut loaded = Constants::new();
        // Registers that shared instructions change or call through, and who calls those with what in registers.
        let changed = changed(text);
        let mut through: BTreeMap<Address, BTreeSet<&str>> = BTreeMap::new();
        let mut sites = Vec::new();
        let mut current = 0;
        for line in text.lines() {
            if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <"))
            {
                if let Ok(address) = Address::from_str_radix(address, 16) {
                    current = address;
                    loaded.clear();
                    program.names.insert(address, name.into());
                }
                continue;
            }
            let mut columns = line.split('\t').skip(1);
            let mnemonic = columns.next().unwrap_or_default().trim();
            let operands = columns.next().unwrap_or_default();
            let comment = columns.next().unwrap_or_default();
            let register = operands.split([',', ' ']).next().unwrap_or_default();
            if is_indirect_call(mnemonic, operands) {
                match loaded.get(register) {
                    Some(&callee) => {
                        program.calls.entry(current).or_default().insert(callee);
                    }
                    None => {
                        program.indirect.insert(current);
                        through.entry(current).or_default().insert(register);
                    }
                }
            } else if mnemonic.starts_with("ldr") && operands.contains("[pc") {
                match read_from(comment).and_then(|place| constants.get(&place)) {
                    Some(&constant) => loaded.insert(register, constant & !1),
                    None => loaded.remove(register),
                };
            } else if let Some(callee) =
                destination(mnemonic, operands).filter(|callee| *callee != current || is_call(mnemonic))
            {
                program.calls.entry(current).or_default().insert(callee);
                if let Some(changed) = changed.get(&callee) {
                    sites.push((current, callee, loaded.clone()));
                    loaded.retain(|register, _| !changed.contains(register));
                }
            } else if let Some(constant) = copied(mnemonic, operands).and_then(|from| loaded.get(from)) {
                loaded.insert(register, *constant);
            } else if operands.ends_with("pc}") {
                // What follows comes from elsewhere, where this did not restore the registers.
            } else {
                written(mnemonic, operands).for_each(|register| {
                    loaded.remove(register);
                });
            }
        }
        for callees in program.calls.values_mut() {
            callees.retain(|callee| program.names.contains_key(callee));
        }
        // What shared instructions call, those call that share them.
        program.indirect.retain(|at| !changed.contains_key(at));
        for (caller, shared, loaded) in sites {
            for register in through.get(&shared).into_iter().flatten() {
                match loaded.get(register) {
                    Some(&callee) => program.calls.entry(caller).or_default().insert(callee),
                    None => program.indirect.insert(caller),
                };
            }
        }
        program
    }

    /// Functions that nobody calls by name, and that are not exported, are called through pointers.
    fn behind_pointers(&self) -> BTreeSet<Address> {
        let called: BTreeSet<Address> = self.calls.values().flatten().copied().collect();
        self.names
            .iter()
            .filter(|(address, name)| {
                !called.contains(address)
                    && !name.starts_with("hotnas_")
                    && self.frames.contains_key(address)
            })
            .map(|(address, _)| *address)
            .collect()
    }

    /// What a function may call through its pointers: what [`POINTERS`] says of it, else everything that is
    /// called through some pointer.
    fn behind(&self, at: Address, pointers: &BTreeSet<Address>) -> BTreeSet<Address> {
        let name = |at: &Address| self.names.get(at).map_or("", String::as_str);
        if !self.indirect.contains(&at) {
            return BTreeSet::new();
        }
        match POINTERS.iter().find(|(caller, _)| name(&at).contains(caller)) {
            Some((_, parts)) => {
                let others = self.frames.keys().filter(|&&other| other != at);
                let fits = |other: &&Address| parts.iter().all(|part| name(other).contains(part));
                others.filter(fits).copied().collect()
            }
            None => pointers.iter().copied().filter(|callee| !self.leads(*callee, at)).collect(),
        }
    }

    fn stacks(&self) -> Result<Stacks, Failure> {
        let pointers = self.behind_pointers();
        let mut known = BTreeMap::new();
        let mut stacks = Stacks::new();
        for (&address, name) in &self.names {
            if name.starts_with("hotnas_") {
                stacks
                    .insert(name.clone(), self.depth(address, &pointers, &mut known, &mut Vec::new())?);
            }
        }
        match stacks.is_empty() {
            true => Err(Failure::new("no exported function in the disassembly")),
            false => Ok(stacks),
        }
    }

    /// Whether a chain of calls by name leads from one function to another. What leads back to a caller is not
    /// what it calls through its pointer: the library has no recursion.
    fn leads(&self, from: Address, to: Address) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            open.extend(
                self.calls.get(&at).into_iter().flatten().filter(|callee| seen.insert(**callee)),
            );
        }
        false
    }

    fn depth(
        &self,
        at: Address,
        pointers: &BTreeSet<Address>,
        known: &mut BTreeMap<Address, u64>,
        path: &mut Vec<Address>,
    ) -> Result<u64, Failure> {
        if let Some(depth) = known.get(&at) {
            return Ok(*depth);
        }
        let name = |at: &Address| self.names.get(at).map_or("?", String::as_str).to_string();
        if path.contains(&at) {
            let names: Vec<String> = path.iter().chain([&at]).map(name).collect();
            return Err(Failure::new(format!("recursion: {}", names.join(" > "))));
        }
        let frame = match self.frames.get(&at) {
            Some(frame) => *frame,
            None => ASSEMBLY,
        };
        path.push(at);
        let mut deepest = 0;
        let (none, behind) = (BTreeSet::new(), self.behind(at, pointers));
        for callee in self.calls.get(&at).unwrap_or(&none).iter().chain(&behind) {
            deepest = deepest.max(self.depth(*callee, pointers, known, path)?);
        }
        path.pop();
        known.insert(at, frame + deepest);
        Ok(frame + deepest)
    }
}

/// A part of the mangled names of functions that call through a pointer, and parts of the names of those that such a
/// pointer, by its type, can lead to: the proof of a least value, the callbacks of the ready-made spaces, the peers
/// of the metric. What a caller's own callbacks need comes on top.
const POINTERS: [(&str, &[&str]); 4] = [
    ("9transport7descent", &["11certificate7certify"]),
    ("6search9workbench", &["6hotnas5space6decode"]),
    ("11CallerSpaceINtNt", &["6hotnas5space", "6search6spaces"]),
    ("11hotnas_core6metric", &["6metric", "9call_once"]),
];

/// Constants by the registers that hold them.
type Constants<'t> = BTreeMap<&'t str, Address>;

/// What the names of functions begin with that consist of instructions that others share.
const OUTLINED: &str = "OUTLINED_FUNCTION_";

/// Bytes for a routine that is written in assembly: it saves a few registers at most.
const ASSEMBLY: u64 = 32;

/// Jumps within a function by table go through `pc` or `tbb`.
fn is_indirect_call(mnemonic: &str, operands: &str) -> bool {
    match mnemonic {
        "blx" => !operands.contains('<'),
        "bx" => !operands.starts_with("lr"),
        "jalr" | "c.jalr" => !operands.contains('<'),
        _ => false,
    }
}

/// The functions of instructions that others share, with the registers that those may write.
fn changed(text: &str) -> BTreeMap<Address, BTreeSet<&str>> {
    let mut changed: BTreeMap<Address, BTreeSet<&str>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            let shared = || Address::from_str_radix(address, 16).ok();
            current = name.starts_with(OUTLINED).then(shared).flatten();
        } else if let Some(current) = current {
            let mut columns = line.split('\t').skip(1);
            let mnemonic = columns.next().unwrap_or_default().trim();
            let operands = columns.next().unwrap_or_default();
            changed.entry(current).or_default().extend(written(mnemonic, operands));
        }
    }
    changed
}

/// The register that an instruction copies to another one.
fn copied<'t>(mnemonic: &str, operands: &'t str) -> Option<&'t str> {
    let (_, from) = operands.split_once(", ")?;
    matches!(mnemonic, "mov" | "movs" | "mov.w").then_some(from)
}

/// Registers that an instruction may write: all that it names, unless it only reads.
fn written<'t>(mnemonic: &str, operands: &'t str) -> impl Iterator<Item = &'t str> {
    let reads = ["st", "cmp", "tst", "push", "bl", "bx"].iter().any(|reads| mnemonic.starts_with(reads));
    operands.split([',', ' ', '{', '}', '[', ']']).filter(move |word| !reads && !word.is_empty())
}

/// Constants among the instructions.
fn constants(text: &str) -> BTreeMap<Address, Address> {
    let word = |line: &str| {
        let (place, constant) = line.trim_start().split_once(":\t.word\t0x")?;
        let number = |digits: &str| Address::from_str_radix(digits.trim(), 16).ok();
        Some((number(place)?, number(constant)?))
    };
    text.lines().filter_map(word).collect()
}

/// The place of the constant that an instruction loads: `@ (8064 <name+0x64>)`, of a long one without parentheses.
fn read_from(comment: &str) -> Option<Address> {
    let place = comment.trim_start_matches(['@', ' ', '(']);
    Address::from_str_radix(place.split(' ').next()?, 16).ok()
}

/// A branch that comes back; one to the start of its own function is a loop otherwise.
fn is_call(mnemonic: &str) -> bool {
    matches!(mnemonic, "bl" | "blx" | "jal" | "jalr" | "call")
}

/// Where a branch leads: the number before `<name>`.
fn destination(mnemonic: &str, operands: &str) -> Option<Address> {
    if !mnemonic.starts_with(['b', 'j', 'c', 't']) {
        return None;
    }
    let before = operands.split('<').next().filter(|_| operands.contains('<'))?;
    let number = before.trim_end().rsplit([',', ' ', '#', '\t']).next()?;
    Address::from_str_radix(number.trim_start_matches("0x"), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Disassembly of section .text:

00008000 <hotnas_a_f32>:
    8000:\tpush\t{r4, lr}
    8002:\tbl\t8100 <inner>
    8006:\tbeq.n\t8002 <hotnas_a_f32+0x2>
    8008:\tblx\tr3

00008100 <inner>:
    8100:\tb.w\t8200 <leaf>

00008200 <leaf>:
    8200:\tbx\tlr

00008300 <behind>:
    8300:\tbl\t8200 <leaf>
";

    fn program(sizes: &[(u32, u8)]) -> Program {
        let bytes: Vec<u8> = sizes
            .iter()
            .flat_map(|(address, size)| [&address.to_le_bytes()[..], &[*size]].concat())
            .collect();
        let mut program = Program::read(TEXT);
        program.frames = frames(&bytes).unwrap();
        program
    }

    #[test]
    fn the_deepest_path_counts() {
        let sizes = [(0x8001, 16), (0x8101, 8), (0x8201, 4), (0x8301, 100)];
        let stacks = program(&sizes).stacks().unwrap();
        assert_eq!(stacks, Stacks::from([("hotnas_a_f32".into(), 16 + 100 + 4)]));
        // Without a frame of its own: assembly.
        let stacks = program(&sizes[..2]).stacks().unwrap();
        assert_eq!(stacks["hotnas_a_f32"], 16 + 8 + ASSEMBLY);
    }

    #[test]
    fn a_pointer_leads_to_what_its_type_allows() {
        let sizes = [(0x8001, 16), (0x8101, 8), (0x8201, 4), (0x8301, 100)];
        let mut program = program(&sizes);
        program.names.insert(0x8000, "hotnas_9transport7descent".into());
        program.names.insert(0x8200, "11certificate7certify".into());
        let stacks = program.stacks().unwrap();
        assert_eq!(stacks["hotnas_9transport7descent"], 16 + 8 + 4);
    }

    #[test]
    fn shared_instructions_count_for_those_that_share_them() {
        let text =
            TEXT.replace("8200:\tbx\tlr", "8200:\tbx\tr3").replace("<leaf>", "<OUTLINED_FUNCTION_1>");
        assert_eq!(Program::read(&text).indirect, BTreeSet::from([0x8000, 0x8100, 0x8300]));
    }

    #[test]
    fn shared_instructions_call_what_is_in_the_registers_of_their_callers() {
        let text = "00008000 <a>:\n 8000:\tldr\tr4, [pc, #8]\t@ (800c <a+0xc>)\n 8002:\tbl\t8200 \
                    <OUTLINED_FUNCTION_0>\n 8006:\tblx\tr4\n 800c:\t.word\t0x00008101\n\
                    00008100 <b>:\n 8100:\tbx\tlr\n00008200 <OUTLINED_FUNCTION_0>:\n 8200:\tmov\tr1, r5\n \
                    8202:\tbx\tr4\n";
        let calls = |text: &str| {
            let program = Program::read(text);
            (program.calls.get(&0x8000).is_some_and(|calls| calls.contains(&0x8100)), program.indirect)
        };
        assert_eq!(calls(text), (true, BTreeSet::new()));
        // Shared instructions may leave another pointer in the register, and may need one that is not known.
        let other = text.replace("mov\tr1, r5", "ldrd\tr1, r4, [sp]");
        assert_eq!(calls(&other).1, BTreeSet::from([0x8000]));
        assert_eq!(calls(&text.replace("bx\tr4", "bx\tr6")).1, BTreeSet::from([0x8000]));
    }

    #[test]
    fn a_constant_in_a_register_is_no_pointer() {
        let called = |between: &str| {
            let text = format!(
                "00008000 <a>:\n 8000:\tldr\tr4, [pc, #8]\t@ (800c <a+0xc>)\n{between} 8004:\tblx\tr4\n \
                 800c:\t.word\t0x00008101\n00008100 <b>:\n 8100:\tbx\tlr\n"
            );
            let program = Program::read(&text);
            (
                program.calls.get(&0x8000).is_some_and(|calls| calls.contains(&0x8100)),
                program.indirect.len(),
            )
        };
        assert_eq!(called(" 8002:\tcmp\tr4, r5\n"), (true, 0));
        assert_eq!(called(" 8002:\tmov\tr4, r5\n"), (false, 1));
        // A copy is called as the constant is.
        assert_eq!(called(" 8002:\tmov\tr8, r4\n 8003:\tblx\tr8\n"), (true, 0));
        assert_eq!(called(" 8002:\tmov\tr8, r5\n 8003:\tblx\tr8\n"), (true, 1));
    }

    #[test]
    fn recursion_is_an_error() {
        let mut program = program(&[(0x8001, 16)]);
        program.calls.entry(0x8200).or_default().insert(0x8100);
        assert!(program.stacks().is_err());
    }

    #[test]
    fn numbers_of_several_bytes() {
        assert_eq!(frames(&[0, 1, 0, 0, 0x80, 0x02]).unwrap(), BTreeMap::from([(0x100, 256)]));
        assert!(frames(&[0, 1, 0, 0, 0x80]).is_none());
    }
}
