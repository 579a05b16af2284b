//! The signatures of an enrolment: root threshold, and proof of possession by the new key.
//!
//! In: the root keys in force and the signed body. Out: the enrolment, if its signatures are those of
//! at least `root_threshold` different root keys, followed by one of the enrolled key itself, all
//! over the stored bytes.

use std::collections::BTreeSet;

use super::access::roots::Roots;
use super::event::Signed;
use super::statement::{Act, Enrolment, SignedBody};

/// Why the signatures of an enrolment do not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Malformed, or no enrolment.
    #[error("not a signed enrolment: {0}")]
    Shape(String),
    /// A signature that does not fit.
    #[error("signature {0} does not fit the statement")]
    Signature(usize),
    /// The last signature is not the new key's.
    #[error("the new key has not signed: proof of possession is missing")]
    NoPossession,
    /// A signature by a key that is no root.
    #[error("signature {0} is not by a root key")]
    NotRoot(usize),
    /// The statement names another signer than a root key that signed.
    #[error("the statement must name `root` in the role root, with a root key that signed")]
    Signer,
    /// Too few different roots.
    #[error("{have} root keys have signed, {wanted} are wanted")]
    Threshold {
        /// Different roots.
        have: usize,
        /// Threshold.
        wanted: u32,
    },
}

/// Checks the signatures of an enrolment.
///
/// # Errors
/// What is missing.
pub fn check_enrolment(roots: &Roots, body: &SignedBody) -> Result<Enrolment, EnrolmentError> {
    let shape = |why: String| EnrolmentError::Shape(why);
    let signed = Signed::read(body.clone()).map_err(|e| shape(e.to_string()))?;
    let Act::Enrolment(enrolment) = &signed.statement.act else {
        return Err(shape("another act".to_owned()));
    };
    let namespace = signed.statement.act.namespace();
    let bytes = body.statement.as_bytes();
    for (at, envelope) in signed.envelopes.iter().enumerate() {
        if envelope.verify(&namespace, bytes).is_err() {
            return Err(EnrolmentError::Signature(at));
        }
    }
    let Some((last, others)) = signed.envelopes.split_last() else {
        return Err(EnrolmentError::NoPossession);
    };
    if last.key != enrolment.public_key {
        return Err(EnrolmentError::NoPossession);
    }
    let mut distinct = BTreeSet::new();
    for (at, envelope) in others.iter().enumerate() {
        if !roots.hold(&envelope.key) {
            return Err(EnrolmentError::NotRoot(at));
        }
        distinct.insert(envelope.key.fingerprint());
    }
    let signer = &signed.statement.signer;
    let named = signer.person.as_str() == "root" && signer.role == "root";
    // The other roots are known by their keys alone; a name beside them would be unchecked.
    let alone = signed.statement.cosigners.is_empty();
    if !named || !alone || !distinct.contains(&signer.key) {
        return Err(EnrolmentError::Signer);
    }
    if roots.suffice(distinct.len()) {
        Ok(enrolment.clone())
    } else {
        Err(EnrolmentError::Threshold {
            have: distinct.len(),
            wanted: roots.threshold,
        })
    }
}
