//! Genomes as numbers: genes are digits, the first the most significant.

/// Writes the last digits of `number` in `base`.
pub(super) fn write(mut number: usize, base: usize, genome: &mut [u8]) {
    for gene in genome.iter_mut().rev() {
        *gene = number.checked_rem(base).unwrap_or(0) as u8;
        number = number.checked_div(base).unwrap_or(0);
    }
}

/// The number of a genome; `None` if a gene is not a digit in `base` or the number is too large.
pub(super) fn read(genome: &[u8], base: usize) -> Option<usize> {
    genome.iter().try_fold(0, |number: usize, &gene| {
        let gene = Some(usize::from(gene)).filter(|&gene| gene < base)?;
        number.checked_mul(base)?.checked_add(gene)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_in_lexicographic_order() {
        let mut genome = [9; 4];
        for number in 0..81 {
            write(number, 3, &mut genome);
            assert_eq!(read(&genome, 3), Some(number));
        }
        write(5, 3, &mut genome);
        assert_eq!(genome, [0, 0, 1, 2]);
        assert_eq!(read(&[0, 3], 3), None);
        assert_eq!(read(&[9; 40], 10), None);
    }
}
