//! The random stream `chacha8/stream-v1`.
//!
//! In: a key and the number of a stream. Out: words, and what is made of them; the same on every
//! machine, whatever other streams are asked for.
//!
//! # Formula
//! ChaCha with 8 rounds; key = 32 bytes, stream number = 64 bits, counter from 0; words are 8 bytes of
//! the stream each, little-endian. A word becomes an index below n by Lemire's multiplication with
//! rejection (no bias), and a number in (0, 1\] from its upper 53 bits. Source: Bernstein 2008; Lemire,
//! ACM Transactions on Modeling and Computer Simulation 29 (1), 2019.

use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};

/// Name of the stream, as it stands in manifests.
pub const RNG: &str = "chacha8/stream-v1";

/// Words that are taken from the cipher at once.
const AT_ONCE: usize = 64;

/// Words of one stream.
#[derive(Debug)]
pub(super) struct Stream {
    cipher: ChaCha8Rng,
    words: [u64; AT_ONCE],
    /// Of `words`.
    taken: usize,
}

impl Stream {
    /// Stream number `number` of `key`.
    pub(super) fn new(key: [u8; 32], number: u64) -> Self {
        let mut cipher = ChaCha8Rng::from_seed(key);
        cipher.set_stream(number);
        Self {
            cipher,
            words: [0; AT_ONCE],
            taken: AT_ONCE,
        }
    }

    /// The next word.
    #[inline(always)]
    pub(super) fn word(&mut self) -> u64 {
        if let Some(word) = self.words.get(self.taken) {
            self.taken += 1;
            return *word;
        }
        self.more()
    }

    #[inline(never)]
    fn more(&mut self) -> u64 {
        let mut bytes = [0; AT_ONCE * size_of::<u64>()];
        self.cipher.fill_bytes(&mut bytes);
        let (words, _) = bytes.as_chunks();
        for (word, bytes) in self.words.iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        let [first, ..] = self.words;
        self.taken = 1;
        first
    }

    /// A number in (0, 1\] from the upper 53 bits of the next word.
    pub(super) fn unit(&mut self) -> f64 {
        ((self.word() >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A uniform index below `n` (at least 1), rejecting the few words that would favour small ones.
    #[inline(always)]
    pub(super) fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        loop {
            let (low, high) = self.word().carrying_mul(n, 0);
            if low >= n || low >= n.wrapping_neg() % n.max(1) {
                return usize::try_from(high).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chacha8_as_published() {
        // ECRYPT test vectors for ChaCha8, 256-bit key of zeros, IV of zeros: 3e00ef2f895f40d6...
        let mut stream = Stream::new([0; 32], 0);
        let bytes = [stream.word(), stream.word()].map(u64::to_le_bytes);
        assert_eq!(bytes[0], [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
        assert_eq!(bytes[1], [0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1]);
    }

    #[test]
    fn words_are_those_of_the_cipher_one_by_one() {
        for number in [0, 1, 77, u64::MAX] {
            let mut stream = Stream::new([9; 32], number);
            let mut cipher = ChaCha8Rng::from_seed([9; 32]);
            cipher.set_stream(number);
            for _ in 0..10 * AT_ONCE {
                assert_eq!(stream.word(), cipher.next_u64());
            }
        }
    }

    #[test]
    fn indices_are_unbiased_where_rejection_matters() {
        let mut stream = Stream::new([7; 32], 0);
        let mut seen = [0_u32; 3];
        for _ in 0..30_000 {
            seen[stream.below(3)] += 1;
        }
        assert!(seen.iter().all(|c| (9_700..10_300).contains(c)), "{seen:?}");
    }
}
