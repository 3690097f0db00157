//! Symbols of WebAssembly object files, which llvm-objcopy cannot edit.
//!
//! Source: "WebAssembly Object File Linking", <https://github.com/WebAssembly/tool-conventions>.

use std::ops::Range;

use crate::process::Failure;

const CUSTOM: u8 = 0;

const LINKING: &[u8] = b"linking";
const SYMBOL_TABLE: u8 = 8;

const KIND_DATA: u8 = 1;
const KIND_SECTION: u8 = 3;

const BINDING: u8 = 3;
const LOCAL: u8 = 2;
const UNDEFINED: u64 = 0x10;
const EXPLICIT_NAME: u64 = 0x40;

/// Makes every symbol local that is defined here and that `keep` does not know.
pub(crate) fn keep_global(module: &mut [u8], keep: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let flags =
        flags_to_hide(module, keep).ok_or_else(|| Failure::new("not a WebAssembly object file"))?;
    for at in flags {
        // The binding is in the lowest bits of the number's first byte: its length stays.
        module[at] = module[at] & !BINDING | LOCAL;
    }
    Ok(())
}

/// Where the flags of these symbols begin.
fn flags_to_hide(module: &[u8], keep: impl Fn(&str) -> bool) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for (kind, range) in sections(module)? {
        let mut reader = Reader { bytes: module.get(..range.end)?, at: range.start };
        if kind != CUSTOM || reader.name()? != LINKING {
            continue;
        }
        reader.number()?; // the version
        while reader.at < range.end {
            let part = reader.byte()?;
            let length = usize::try_from(reader.number()?).ok()?;
            let end = reader.at.checked_add(length)?;
            if part == SYMBOL_TABLE {
                symbols(&mut reader, &keep, &mut found)?;
            }
            reader.at = end;
        }
    }
    Some(found)
}

fn symbols(reader: &mut Reader<'_>, keep: &impl Fn(&str) -> bool, found: &mut Vec<usize>) -> Option<()> {
    for _ in 0..reader.number()? {
        let kind = reader.byte()?;
        let at = reader.at;
        let flags = reader.number()?;
        let defined = flags & UNDEFINED == 0;
        let name = match kind {
            KIND_DATA => {
                let name = reader.name()?;
                if defined {
                    // Segment, offset, size.
                    for _ in 0..3 {
                        reader.number()?;
                    }
                }
                name
            }
            _ => {
                reader.number()?; // its index
                match kind != KIND_SECTION && (defined || flags & EXPLICIT_NAME != 0) {
                    true => reader.name()?,
                    false => continue,
                }
            }
        };
        if defined && !keep(std::str::from_utf8(name).ok()?) {
            found.push(at);
        }
    }
    Some(())
}

/// Kind and contents of every section.
fn sections(module: &[u8]) -> Option<Vec<(u8, Range<usize>)>> {
    let mut reader = Reader { bytes: module, at: 0 };
    if reader.take(8)? != b"\0asm\x01\0\0\0" {
        return None;
    }
    let mut found = Vec::new();
    while reader.at < module.len() {
        let kind = reader.byte()?;
        let length = usize::try_from(reader.number()?).ok()?;
        let start = reader.at;
        reader.take(length)?;
        found.push((kind, start..reader.at));
    }
    Some(found)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// Seven bits a byte, the low ones first.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(kind: u8, contents: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, contents.len() as u8];
        bytes.extend(contents);
        bytes
    }

    #[test]
    fn only_what_is_kept_stays_global() {
        // A kept function; an undefined one without a name; a weak hidden function; constants; a section.
        let table = b"\x05\0\x04\x01\x02ok\0\x10\x00\0\x05\x02\x03no1\x01\x00\x01d\0\0\x04\x03\x02\x00";
        let mut linking = b"\x07linking\x02\x08".to_vec();
        linking.push(table.len() as u8);
        linking.extend(table);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(section(10, b"1234"));
        module.extend(section(CUSTOM, &linking));
        let before = module.clone();
        keep_global(&mut module, |name| name == "ok").unwrap();
        let changed: Vec<(u8, u8)> =
            before.into_iter().zip(module.iter().copied()).filter(|(old, new)| old != new).collect();
        assert_eq!(changed, [(0x05, 0x06), (0x00, 0x02)]);
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(keep_global(&mut [0; 16], |_| true).is_err());
        let mut cut = b"\0asm\x01\0\0\0\x0a\x09".to_vec();
        assert!(keep_global(&mut cut, |_| true).is_err());
        assert!(keep_global(&mut b"\x7fELF....".to_vec(), |_| true).is_err());
    }
}
