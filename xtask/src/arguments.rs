//! The words after a command: flags, options with a value, and plain words.

use crate::process::Failure;

/// The words that no one has taken yet.
pub(crate) struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Takes `name` if it is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `name VALUE` or `name=VALUE`.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let prefix = format!("{name}=");
        let Some(at) = self.words.iter().position(|word| word == name || word.starts_with(&prefix))
        else {
            return Ok(None);
        };
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&prefix) {
            return Ok(Some(value.to_string()));
        }
        if at < self.words.len() {
            return Ok(Some(self.words.remove(at)));
        }
        Err(Failure::new(format!("{name} needs a value")))
    }

    /// Takes the first plain word.
    pub(crate) fn word(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with('-'))?;
        Some(self.words.remove(at))
    }

    /// Takes all words that are left, as they are.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.words)
    }

    /// Refuses whatever is left.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(Failure::new(format!("`{word}` is not understood here; try --help"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_option() {
        let mut arguments = Arguments::new(["--a", "1", "x", "--b=2", "--c"].map(String::from).to_vec());
        assert_eq!(arguments.option("--a").unwrap().as_deref(), Some("1"));
        assert_eq!(arguments.option("--b").unwrap().as_deref(), Some("2"));
        assert_eq!(arguments.option("--d").unwrap(), None);
        assert!(arguments.finish().is_err());
        assert_eq!(arguments.word().as_deref(), Some("x"));
        assert!(arguments.flag("--c"));
        assert!(arguments.word().is_none());
        arguments.finish().unwrap();
    }
}
