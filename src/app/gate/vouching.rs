//! What somebody outside the authors vouches for. Here: a bundle that they ran again; bars that they
//! fetched are in [`super::datasets`].
//!
//! In: a checked bundle. Out: the act to be signed, which any enrolled person may sign; who counts is
//! asked where it counts.

use super::person::Deed;
use crate::app::evidence::engine;
use crate::evidence::bundle::CheckedBundle;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::statement::Act;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::assurance::EvidenceAttestation;
use crate::governance::promotion::tracks::grounds::Grounds;
use crate::governance::promotion::tracks::rerun::Rerun;

/// Any enrolled person may vouch; who counts is asked where it counts.
const VOUCHERS: [Role; 5] = [
    Role::Ops,
    Role::Risk,
    Role::Research,
    Role::Authoriser,
    Role::Root,
];

/// The deed of whoever vouches with `act`.
pub(super) fn deed(act: TrackAct) -> Deed {
    Deed::plain(Act::Track(Box::new(act)), &VOUCHERS)
}

/// A rerun of `bundle` by this program came to the same result.
#[must_use]
pub fn rerun(bundle: &CheckedBundle) -> Deed {
    let engine = engine();
    deed(TrackAct::Rerun(Rerun {
        evidence_sha256: bundle.evidence_sha256,
        result_sha256: bundle.manifest.result_sha256,
        data: Grounds::of(std::slice::from_ref(bundle)).data,
        version: engine.version,
        commit: engine.commit,
    }))
}

/// Somebody independent examined `bundle` by `method`.
#[must_use]
pub fn attestation(bundle: &CheckedBundle, method: &str) -> Deed {
    deed(TrackAct::EvidenceAttestation(EvidenceAttestation {
        evidence_sha256: bundle.evidence_sha256,
        result_sha256: bundle.manifest.result_sha256,
        method: method.to_owned(),
    }))
}
