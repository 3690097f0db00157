//! Writing and reading the text form of a design without allocation.

use crate::error::Error;

/// Appends text to lent bytes.
pub(super) struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }
    pub(super) fn push(&mut self, text: &str) -> Result<(), Error> {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        if room.len() < text.len() {
            return Err(Error::MemoryTooSmall);
        }
        for (to, from) in room.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        self.length += text.len();
        Ok(())
    }
    /// The written text.
    pub(super) fn finish(self) -> Result<&'a str, Error> {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        // ASCII, hence one chunk. `from_utf8` has a panic inside that the proof at link time would see.
        Ok(written.utf8_chunks().next().map_or("", |chunk| chunk.valid()))
    }
}

/// The number of the name that a text begins with, and what follows it.
pub(super) fn choice<'a>(text: &'a str, names: &[&str]) -> Option<(u8, &'a str)> {
    (0..).zip(names).find_map(|(number, name)| Some((number, text.strip_prefix(name)?)))
}

/// Digits of the base 36.
pub(super) const DIGITS: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// One of [`DIGITS`].
pub(super) fn digit(value: u8) -> &'static str {
    let at = usize::from(value);
    DIGITS.get(at..at + 1).unwrap_or("?")
}
