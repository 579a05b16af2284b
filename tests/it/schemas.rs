//! JSON Schemas of what the program prints and records: made from the types, kept in schema/json,
//! compared here. `UPDATE=1 cargo test --test it schemas` writes them; read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use promote::app::access::records::{
    AccessJson, InstanceJson, InstancesJson, LiveStartJson, TokenJson, TokenRecordJson, TokensJson,
};
use promote::app::audit::LedgerVerification;
use promote::app::audit::in_toto::CheckedStatement;
use promote::app::audit::pack::Manifest;
use promote::app::audit::pack::verify::AuditVerification;
use promote::app::entries::EntriesJson;
use promote::app::gate::answer::Answer;
use promote::app::gate::as_of::AsOfJson;
use promote::app::gate::checklist::ChecklistJson;
use promote::app::gate::deeds::DeedJson;
use promote::app::gate::enrol::EnrolmentJson;
use promote::app::gate::explaining::RefusalExplanationJson;
use promote::app::gate::halting::{FlushJson, HaltJson};
use promote::app::gate::incidents::IncidentsJson;
use promote::app::gate::key_list::{KeyJson, KeysJson};
use promote::app::gate::log::LogVerificationJson;
use promote::app::gate::override_list::OverridesJson;
use promote::app::gate::publish::PublicationJson;
use promote::app::gate::tracking::{RecordedJson, RevocationJson, SessionsJson};
use promote::app::gate::trials::TrialsJson;
use promote::app::gate::views::{InboxJson, RequestJson, StatusJson};
#[cfg(feature = "research")]
use promote::app::market::list::DataList;
#[cfg(feature = "research")]
use promote::app::market::report::{DataReport, DataReports};
#[cfg(feature = "research")]
use promote::app::monte_carlo::json::MonteCarloJson;
#[cfg(feature = "research")]
use promote::app::pipeline::json::PipelineJson;
#[cfg(feature = "research")]
use promote::app::stress::json::StressJson;
#[cfg(feature = "research")]
use promote::app::sweep::candidates::CandidatesJson;
#[cfg(feature = "research")]
use promote::app::sweep::listing::{CatalogJson, PlanJson, StrategiesJson, SweepsJson};
#[cfg(feature = "research")]
use promote::app::sweep::report::json::SweepReportJson;
#[cfg(feature = "research")]
use promote::app::sweep::summary::Summary;
#[cfg(feature = "research")]
use promote::app::trials::record::{TrialRecord, TrialRecordEnd};
#[cfg(feature = "research")]
use promote::app::walk_forward::document::WalkForwardJson;
use promote::app::written::{DemoJson, WrittenJson};
use promote::cli::report::ErrorJson;
use promote::governance::policy::decision::DecisionRecord;
use promote::governance::promotion::book::Snapshot;
use promote::governance::promotion::oversight::replay::FlipTable;
use promote::governance::regulator::assessment::Assessment;
use promote::render::decision_log::DecisionLog;
use promote::render::policy::diff::DiffJson;
use promote::render::policy::json::{LintJson, PolicyJson, TestJson};
use promote::render::policy::proof::ProofJson;
use promote::render::register::incidents::IncidentRegister;
use promote::render::register::inventory::Inventory;
use promote::render::register::overrides::OverrideRegister;
use promote::render::register::reviews::Reviews;
use promote::render::regulator::controls::ControlsJson;
use promote::render::verdict::explanation::ExplanationJson;
use promote::render::verdict::json::VerdictJson;
#[cfg(feature = "research")]
use promote::research::market::DataManifest;

/// A file in schema/json and what makes it.
type Kept = (&'static str, fn() -> Value);

/// Every schema: file in schema/json, and the type it is made from. Add a line per document.
const SCHEMAS: &[Kept] = &[
    ("access.v1.json", schema::<AccessJson>),
    ("book.v1.json", schema::<Snapshot>),
    ("instance.v1.json", schema::<InstanceJson>),
    ("instances.v1.json", schema::<InstancesJson>),
    ("live-start.v1.json", schema::<LiveStartJson>),
    ("token.v1.json", schema::<TokenJson>),
    ("token-record.v1.json", schema::<TokenRecordJson>),
    ("tokens.v1.json", schema::<TokensJson>),
    #[cfg(feature = "research")]
    ("data-list.v1.json", schema::<DataList>),
    #[cfg(feature = "research")]
    ("data-manifest.v1.json", schema::<DataManifest>),
    #[cfg(feature = "research")]
    ("data-report.v1.json", schema::<DataReport>),
    #[cfg(feature = "research")]
    ("data-reports.v1.json", schema::<DataReports>),
    ("decision.v1.json", schema::<DecisionRecord>),
    ("error.v1.json", schema::<ErrorJson<'static>>),
    ("decision-log.v1.json", schema::<DecisionLog>),
    ("override-log.v1.json", schema::<OverrideRegister>),
    ("incident-log.v1.json", schema::<IncidentRegister>),
    ("inventory.v1.json", schema::<Inventory>),
    ("reviews.v1.json", schema::<Reviews>),
    ("as-of.v1.json", schema::<AsOfJson>),
    ("explanation.v1.json", schema::<ExplanationJson>),
    (
        "refusal-explanation.v1.json",
        schema::<RefusalExplanationJson>,
    ),
    ("log-verification.v1.json", schema::<LogVerificationJson>),
    ("demo.v1.json", schema::<DemoJson>),
    ("written.v1.json", schema::<WrittenJson>),
    ("ledger-entries.v1.json", schema::<EntriesJson<'static>>),
    ("enrolment.v1.json", schema::<EnrolmentJson>),
    ("key.v1.json", schema::<KeyJson>),
    ("keys.v1.json", schema::<KeysJson>),
    ("ledger-verification.v1.json", schema::<LedgerVerification>),
    ("deed.v1.json", schema::<DeedJson>),
    ("halt.v1.json", schema::<HaltJson>),
    ("halt-flush.v1.json", schema::<FlushJson>),
    ("incidents.v1.json", schema::<IncidentsJson>),
    ("overrides.v1.json", schema::<OverridesJson>),
    ("inbox.v1.json", schema::<InboxJson>),
    ("policy.v1.json", schema::<PolicyJson>),
    ("policy-diff.v1.json", schema::<DiffJson>),
    ("policy-lint.v1.json", schema::<LintJson>),
    ("checklist.v1.json", schema::<ChecklistJson>),
    ("flip-table.v1.json", schema::<FlipTable>),
    ("policy-publication.v1.json", schema::<PublicationJson>),
    ("policy-proof.v1.json", schema::<ProofJson>),
    ("policy-test.v1.json", schema::<TestJson>),
    ("request.v1.json", schema::<Answer>),
    ("request-record.v1.json", schema::<RequestJson>),
    ("recorded.v1.json", schema::<RecordedJson>),
    ("trials.v1.json", schema::<TrialsJson>),
    #[cfg(feature = "research")]
    ("trial-record.v1.json", schema::<TrialRecord>),
    #[cfg(feature = "research")]
    ("trial-record-end.v1.json", schema::<TrialRecordEnd>),
    #[cfg(feature = "research")]
    ("sweep.v1.json", schema::<Summary>),
    #[cfg(feature = "research")]
    ("sweep-plan.v1.json", schema::<PlanJson>),
    #[cfg(feature = "research")]
    ("sweep-candidates.v1.json", schema::<CandidatesJson>),
    #[cfg(feature = "research")]
    ("sweep-catalog.v1.json", schema::<CatalogJson>),
    #[cfg(feature = "research")]
    ("sweep-report.v1.json", schema::<SweepReportJson>),
    #[cfg(feature = "research")]
    ("monte-carlo.v1.json", schema::<MonteCarloJson>),
    #[cfg(feature = "research")]
    ("stress.v1.json", schema::<StressJson>),
    #[cfg(feature = "research")]
    ("sweeps.v1.json", schema::<SweepsJson>),
    #[cfg(feature = "research")]
    ("pipeline.v1.json", schema::<PipelineJson>),
    #[cfg(feature = "research")]
    ("walk-forward.v1.json", schema::<WalkForwardJson>),
    #[cfg(feature = "research")]
    ("strategies.v1.json", schema::<StrategiesJson>),
    ("evidence-revocation.v1.json", schema::<RevocationJson>),
    ("sessions.v1.json", schema::<SessionsJson>),
    ("status.v1.json", schema::<StatusJson>),
    ("verdict.v1.json", schema::<VerdictJson>),
    (
        "attestation-verification.v1.json",
        schema::<CheckedStatement>,
    ),
    ("audit-pack.v1.json", schema::<Manifest>),
    ("audit-verification.v1.json", schema::<AuditVerification>),
    ("controls.v1.json", schema::<ControlsJson>),
    ("self-assessment.v1.json", schema::<Assessment>),
];

/// The schema of what `T` serialises to.
fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/json")
}

/// Panics unless `document` fits the schema in `file`.
#[track_caller]
pub fn fits(file: &str, document: &Value) {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{file}: {errors:#?}\n{document:#}");
}

#[test]
fn files_are_what_the_types_say() {
    let update = std::env::var_os("UPDATE").is_some();
    for (file, make) in SCHEMAS {
        let path = folder().join(file);
        let wanted = format!("{:#}\n", make());
        if update {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &wanted).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == wanted,
            "schema/json/{file} differs from its type: UPDATE=1 cargo test --test it schemas"
        );
    }
}

#[cfg(feature = "research")]
#[test]
fn every_schema_file_is_in_the_table() {
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            SCHEMAS.iter().any(|(file, _)| *file == name),
            "schema/json/{name} is not in the table"
        );
    }
}
