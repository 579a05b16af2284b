//! Resemblance for commands: the returns of a candidate and of earlier requests, read from the blobs
//! of the ledger and compared one after the other.
//!
//! In: a desk and a request. Out: what those who approve are shown; nothing for a request that has
//! ended. A blob that is not there is named, and keeps nobody from reading or approving: this
//! informs, it judges nothing.

use std::collections::BTreeMap;

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::bundle::is_research;
use crate::evidence::manifest::Manifest;
use crate::evidence::path;
use crate::evidence::series::FullSeries;
use crate::governance::promotion::resembling::{Earlier, earlier};
use crate::governance::promotion::state::RequestRecord;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::metrics::resemblance::{Timed, resemblance};
use crate::render::resemblance::{Compared, ResemblanceJson};

/// How closely the open request `id` resembles an earlier one that got no stage.
///
/// # Errors
/// When there is no such request or the database cannot be read.
pub async fn of(desk: &mut Desk, id: &RequestId) -> Result<Option<ResemblanceJson>, Failure> {
    let record = desk.request(id)?.clone();
    if !record.status.is_open() {
        return Ok(None);
    }
    let Earlier { newest, left_out } = earlier(&desk.state, &record);
    // Reading a blob wants the desk for itself.
    let newest: Vec<RequestRecord> = newest.into_iter().cloned().collect();
    if newest.is_empty() {
        return Ok(Some(ResemblanceJson::new([], left_out)));
    }
    let own = match series(desk, &record).await? {
        Ok(own) => own,
        Err(why) => {
            return Ok(Some(ResemblanceJson::without_own(&record, why, left_out)));
        }
    };
    let mut known: BTreeMap<Option<Digest>, Compared> = BTreeMap::new();
    let mut each = Vec::new();
    for other in &newest {
        let bundle = research(other);
        let compared = match known.get(&bundle) {
            Some(compared) => *compared,
            None => match series(desk, other).await? {
                Ok(other) => Compared::Series(resemblance(&timed(&own), &timed(&other))),
                Err(why) => why,
            },
        };
        known.insert(bundle, compared);
        each.push((other, compared));
    }
    Ok(Some(ResemblanceJson::new(each, left_out)))
}

fn timed(series: &FullSeries) -> Timed<'_> {
    Timed {
        times: &series.times,
        returns: &series.returns,
    }
}

/// The bundle of a request that holds the returns of a backtest.
fn research(record: &RequestRecord) -> Option<Digest> {
    let mut evidence = record.request.evidence.iter();
    let found = evidence.find(|e| is_research(e.kind));
    found.map(|e| e.evidence_sha256)
}

/// The returns that a request shows, or why there are none.
async fn series(
    desk: &mut Desk,
    record: &RequestRecord,
) -> Result<Result<FullSeries, Compared>, Failure> {
    let Some(manifest) = research(record) else {
        return Ok(Err(Compared::NoSeries));
    };
    let Some(bytes) = blob(desk, &manifest).await? else {
        return Ok(Err(Compared::BlobMissing(manifest)));
    };
    let Ok(read) = canonical::decode::<Manifest>(&bytes, DOCUMENT_MAX_BYTES) else {
        return Ok(Err(Compared::BlobMalformed(manifest)));
    };
    let Some(file) = read.files.iter().find(|file| file.path == path::FULL) else {
        return Ok(Err(Compared::NoSeries));
    };
    let Some(bytes) = blob(desk, &file.sha256).await? else {
        return Ok(Err(Compared::BlobMissing(file.sha256)));
    };
    let series = FullSeries::decode(&bytes);
    Ok(series.map_err(|_| Compared::BlobMalformed(file.sha256)))
}

/// A blob; none where it is not there or has other bytes, which `promote ledger verify` tells apart.
async fn blob(desk: &mut Desk, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
    match desk.blob(digest).await {
        Err(failure) if failure.exit == Exit::Integrity => Ok(None),
        other => other,
    }
}
