//! The Merkle tree of RFC 6962 (and RFC 9162) with SHA-256 over the ledger's entries.
//!
//! Leaf hash SHA-256(0x00 || data), node SHA-256(0x01 || left || right), empty tree SHA-256("").
//! A [`Frontier`] holds the complete subtrees ("peaks") of a tree of some size: it appends leaves
//! and gives roots in logarithmic time, and says which nodes an append completed. Complete
//! subtrees never change, so stored nodes are append-only like the entries.

use crate::kernel::digest::Digest;

/// A complete subtree: `level` 0 is a leaf; `index` counts the subtrees of that level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Height.
    pub level: u32,
    /// Position among the subtrees of this height.
    pub index: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The peaks of a tree, highest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

/// Root of the empty tree.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// Hash of an inner node.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

impl Frontier {
    /// The frontier of a tree of `size` leaves from its peaks, highest first; none when their
    /// number does not fit the size.
    #[must_use]
    pub fn from_peaks(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(&lowest) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(lowest, |right, left| node_hash(left, &right))
    }

    /// The peaks with their places, highest first; a peak of level 0 is a leaf.
    #[must_use]
    pub fn peaks(&self) -> Vec<Node> {
        let levels = (0..u64::BITS).rev().filter(|k| self.size >> k & 1 == 1);
        let place = |(k, hash): (u32, &Digest)| Node {
            level: k,
            index: (self.size >> k) - 1,
            hash: *hash,
        };
        levels.zip(&self.peaks).map(place).collect()
    }

    /// Adds a leaf; gives the inner nodes that it completes, lowest first.
    pub fn append(&mut self, leaf: Digest) -> Vec<Node> {
        let mut completed = Vec::new();
        let mut hash = leaf;
        for level in 0..self.size.trailing_ones() {
            // As many peaks end in this leaf as the old size has trailing ones.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            completed.push(Node {
                level: level + 1,
                index: self.size >> (level + 1),
                hash,
            });
        }
        self.peaks.push(hash);
        self.size += 1;
        completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::audit::entry::leaf_hash;
    use proptest::prelude::*;

    /// The definition of RFC 6962, section 2.1, word by word.
    fn by_definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..k]), &by_definition(&leaves[k..]))
            }
        }
    }

    #[test]
    fn published_roots() {
        // Certificate Transparency's reference data: eight leaves, roots of the first 1, 2, 3, 8.
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let mut tree = Frontier::default();
        let mut roots = Vec::new();
        for input in inputs {
            tree.append(leaf_hash(&hex::decode(input).unwrap()));
            roots.push(tree.root().to_string());
        }
        assert_eq!(
            roots[0],
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            roots[1],
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
        assert_eq!(
            roots[2],
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
        );
        assert_eq!(
            roots[7],
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }

    #[test]
    fn agrees_with_an_independent_tree() {
        let mut oracle =
            ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let mut tree = Frontier::default();
        for n in 0_u32..200 {
            let data = n.to_be_bytes().to_vec();
            tree.append(leaf_hash(&data));
            oracle.push(data);
            assert_eq!(
                tree.root().as_bytes().as_slice(),
                oracle.root().as_bytes().as_slice()
            );
        }
    }

    proptest! {
        #[test]
        fn roots_nodes_and_peaks_follow_the_definition(n in 0_usize..130) {
            let leaves: Vec<Digest> = (0..n as u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
            let mut tree = Frontier::default();
            for (i, leaf) in leaves.iter().enumerate() {
                for node in tree.append(*leaf) {
                    let width = 1_usize << node.level;
                    let start = usize::try_from(node.index).unwrap() * width;
                    prop_assert_eq!(node.hash, by_definition(&leaves[start..start + width]));
                    prop_assert_eq!(start + width, i + 1);
                }
            }
            prop_assert_eq!(tree.root(), by_definition(&leaves));
            let again = Frontier::from_peaks(tree.size(), tree.peaks.clone()).unwrap();
            prop_assert_eq!(again, tree);
        }
    }
}
