//! The bars of a workspace, as their manifests say.

use serde::Serialize;

use crate::app::failure::Failure;
use crate::app::workspace::Workspace;
use crate::research::market::DataManifest;

use super::store;

/// `promote/data-list/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DataList {
    /// Schema name.
    pub schema: &'static str,
    /// Every manifest, sorted by file name. Bars are not read: `data check` does that.
    pub data: Vec<DataManifest>,
}

/// Lists the manifests.
///
/// # Errors
/// Exit 9 when one of them is not readable.
pub fn list(workspace: &Workspace) -> Result<DataList, Failure> {
    Ok(DataList {
        schema: "promote/data-list/v1",
        data: store::manifests(workspace)?,
    })
}
