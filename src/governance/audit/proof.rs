//! Inclusion proofs: that one entry stands at one position under a signed root.
//!
//! In: the leaf hashes of a ledger. Out: audit paths as RFC 9162, section 2.1.3, defines them, and
//! the C2SP tlog-proof text around one, which stock clients check with nothing but the log's key.
//! A proof says that an entry is there; that none is left out, only all leaves under the root say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::node_hash;
use crate::kernel::digest::Digest;

/// Every complete subtree over some leaves, so that many proofs cost little.
#[derive(Debug, Clone)]
pub struct Levels {
    /// Level 0 are the leaves; each level above joins pairs of the one below.
    levels: Vec<Vec<Digest>>,
}

impl Levels {
    /// The subtrees over `leaves`.
    #[must_use]
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let pairs = below.chunks_exact(2);
            let joined = pairs.filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                _ => None,
            });
            let joined = joined.collect();
            levels.push(joined);
        }
        Self { levels }
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The audit path of the leaf at `index`, nearest sibling first; none beyond the leaves.
    #[must_use]
    pub fn path(&self, index: usize) -> Option<Vec<Digest>> {
        if index >= self.size() {
            return None;
        }
        let (mut start, mut end) = (0, self.size());
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.hash(middle, end)?);
                end = middle;
            } else {
                path.push(self.hash(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// Root over the leaves from `start` to before `end`; `start` is where a subtree begins.
    fn hash(&self, start: usize, end: usize) -> Option<Digest> {
        let width = end - start;
        if width.is_power_of_two() {
            let level = usize::try_from(width.trailing_zeros()).ok()?;
            return self.levels.get(level)?.get(start / width).copied();
        }
        let middle = start + split(width);
        let (left, right) = (self.hash(start, middle)?, self.hash(middle, end)?);
        Some(node_hash(&left, &right))
    }
}

/// The largest power of two below `n`, for `n` of 2 and more.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// True when `path` leads from `leaf` at `index` to `root` over `size` leaves: RFC 9162, section
/// 2.1.3.2, step by step.
#[must_use]
pub fn holds(leaf: &Digest, index: u64, size: u64, path: &[Digest], root: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The C2SP tlog-proof of the leaf at `index` with `path`, under the signed `checkpoint`.
#[must_use]
pub fn tlog_proof(index: u64, path: &[Digest], checkpoint: &str) -> String {
    let mut text = format!("c2sp.org/tlog-proof@v1\nindex {index}\n");
    for hash in path {
        text.push_str(&STANDARD.encode(hash.as_bytes()));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(checkpoint);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::audit::entry::leaf_hash;
    use crate::governance::audit::tree::Frontier;

    fn tree(n: u64) -> (Vec<Digest>, Digest) {
        let leaves: Vec<Digest> = (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut frontier = Frontier::default();
        for leaf in &leaves {
            frontier.append(*leaf);
        }
        (leaves, frontier.root())
    }

    #[test]
    fn published_paths() {
        // Certificate Transparency's reference data: eight leaves, paths of leaf 0 of 8, leaf 5 of
        // 8 and leaf 2 of 3.
        let leaves: Vec<Digest> = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        .iter()
        .map(|text| leaf_hash(&hex::decode(text).unwrap()))
        .collect();
        for (size, index, wanted) in [
            (
                8,
                0,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ][..],
            ),
            (
                8,
                5,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (
                3,
                2,
                &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
            ),
        ] {
            let path = Levels::new(leaves[..size].to_vec()).path(index).unwrap();
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            assert_eq!(path, wanted, "leaf {index} of {size}");
        }
    }

    #[test]
    fn every_path_holds_and_agrees_with_an_independent_tree() {
        let mut oracle =
            ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for n in 1..70_u64 {
            oracle.push((n - 1).to_be_bytes().to_vec());
            let (leaves, root) = tree(n);
            let levels = Levels::new(leaves.clone());
            for (index, leaf) in leaves.iter().enumerate() {
                let path = levels.path(index).unwrap();
                let bytes: Vec<u8> = path.iter().flat_map(|d| *d.as_bytes()).collect();
                assert_eq!(bytes, oracle.prove_inclusion(index).as_bytes());
                let at = index as u64;
                assert!(holds(leaf, at, n, &path, &root));
                assert!(!holds(&Digest::of(b"x"), at, n, &path, &root));
                assert!(!holds(leaf, at, n, &path, &Digest::of(b"x")));
                assert!(n == 1 || !holds(leaf, (at + 1) % n, n, &path, &root));
                let mut longer = path.clone();
                longer.push(root);
                assert!(!holds(leaf, at, n, &longer, &root));
                if let Some((_, shorter)) = path.split_last() {
                    assert!(!holds(leaf, at, n, shorter, &root));
                }
            }
            assert_eq!(levels.path(leaves.len()), None);
        }
        assert_eq!(Levels::new(Vec::new()).path(0), None);
    }

    #[test]
    fn the_text_is_the_one_of_the_specification() {
        let text = tlog_proof(7, &[Digest::from_bytes([0; 32])], "o\n8\nR\n\n— o S\n");
        assert_eq!(
            text,
            "c2sp.org/tlog-proof@v1\nindex 7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\no\n8\nR\n\n— o S\n"
        );
    }
}
