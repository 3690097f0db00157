//! Edits of a string of modules: letters 1..=K, padded with trailing zeros.

/// Length of the string, or `None` if a zero stands between letters or a letter is above `letters`.
pub(super) fn length(string: &[u8], letters: u8) -> Option<usize> {
    let length = string.iter().take_while(|&&m| m != 0).count();
    let sound = string.iter().enumerate().all(|(i, &m)| (i < length) == (m != 0) && m <= letters);
    sound.then_some(length)
}

/// How many substitutions, insertions and deletions a string of `length` letters has.
pub(super) fn edits(length: usize, shortest: usize, longest: usize, letters: u8) -> usize {
    let letters = usize::from(letters);
    let substitutions = length * letters.saturating_sub(1);
    let insertions = if length < longest { (length + 1) * letters } else { 0 };
    let deletions = if length > shortest { length } else { 0 };
    substitutions + insertions + deletions
}

/// Applies edit number `index` of [`edits`] in place: substitutions by position and letter, then
/// insertions by position and letter, then deletions. An index out of range changes nothing.
pub(super) fn edit(string: &mut [u8], length: usize, letters: u8, index: usize) {
    let others = usize::from(letters).saturating_sub(1);
    let substitutions = length * others;
    let insertions = if length < string.len() { (length + 1) * (others + 1) } else { 0 };
    if index < substitutions {
        let (Some(at), Some(step)) = (index.checked_div(others), index.checked_rem(others)) else {
            return;
        };
        if let Some(letter) = string.get_mut(at) {
            let other = step as u8 + 1;
            *letter = other + u8::from(other >= *letter);
        }
        return;
    }
    let index = index - substitutions;
    if index < insertions {
        let (at, step) = (index / (others + 1), index % (others + 1));
        let mut carried = step as u8 + 1;
        for letter in string.iter_mut().skip(at) {
            core::mem::swap(letter, &mut carried);
        }
        return;
    }
    let at = index - insertions;
    if at < length {
        let mut carried = 0;
        for letter in string.iter_mut().skip(at).rev() {
            core::mem::swap(letter, &mut carried);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_wants_trailing_zeros_only() {
        assert_eq!(length(&[1, 4, 0, 0], 4), Some(2));
        assert_eq!(length(&[1, 0, 2, 0], 4), None);
        assert_eq!(length(&[1, 5, 0, 0], 4), None);
        assert_eq!(length(&[], 4), Some(0));
    }

    #[test]
    fn edits_are_exactly_the_strings_at_edit_distance_one() {
        let start = [1, 2, 2, 0];
        let mut found: Vec<_> = (0..edits(3, 2, 4, 2))
            .map(|i| {
                let mut s = start;
                edit(&mut s, 3, 2, i);
                s
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        let expected = [
            [1, 1, 2, 0],
            [1, 1, 2, 2],
            [1, 2, 0, 0],
            [1, 2, 1, 0],
            [1, 2, 1, 2],
            [1, 2, 2, 1],
            [1, 2, 2, 2],
            [2, 1, 2, 2],
            [2, 2, 0, 0],
            [2, 2, 2, 0],
        ];
        assert_eq!(found, expected);
        let mut unchanged = start;
        edit(&mut unchanged, 3, 2, 999);
        assert_eq!(unchanged, start);
    }
}
