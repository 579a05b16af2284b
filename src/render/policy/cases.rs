//! Results of policy test cases: as lines for people, JUnit XML for build servers, and SARIF for
//! code review tools.
//!
//! In: cases and their results. Out: complete documents. Text from files is made visible first,
//! because XML 1.0 has no spelling for control characters, then escaped.

use serde::Serialize;

use crate::governance::policy::cases::{Case, CaseResult};
use crate::kernel::text::visible;

/// Longest text from a file that is shown.
const TEXT_MAX: usize = 400;

/// One line per case, differences below it, and a summary.
#[must_use]
pub fn lines(runs: &[(Case, CaseResult)]) -> String {
    let mut text = String::new();
    for (case, result) in runs {
        let word = if result.passed() { "ok  " } else { "FAIL" };
        text.push_str(&format!(
            "{word}  {}  {} {}: {}\n",
            place(case),
            case.profile,
            case.target,
            visible(&case.name, TEXT_MAX)
        ));
        for difference in &result.differences {
            text.push_str(&format!("      {}\n", visible(difference, TEXT_MAX)));
        }
    }
    let failed = runs.iter().filter(|(_, r)| !r.passed()).count();
    text.push_str(&format!(
        "{} passed, {failed} failed\n",
        runs.len() - failed
    ));
    text
}

fn place(case: &Case) -> String {
    format!("{}:{}", visible(&case.file, TEXT_MAX), case.line)
}

/// JUnit XML: one suite per file, one test case per case.
#[must_use]
pub fn junit(runs: &[(Case, CaseResult)]) -> String {
    let failed = |runs: &[&(Case, CaseResult)]| runs.iter().filter(|(_, r)| !r.passed()).count();
    let all: Vec<&(Case, CaseResult)> = runs.iter().collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"promote policy test\" \
         tests=\"{}\" failures=\"{}\">\n",
        all.len(),
        failed(&all)
    );
    let mut files: Vec<&str> = runs.iter().map(|(case, _)| case.file.as_str()).collect();
    files.dedup();
    for file in files {
        let here: Vec<&(Case, CaseResult)> =
            runs.iter().filter(|(case, _)| case.file == file).collect();
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
            xml(file),
            here.len(),
            failed(&here)
        ));
        for (case, result) in here {
            text.push_str(&junit_case(case, result));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn junit_case(case: &Case, result: &CaseResult) -> String {
    let head = format!(
        "    <testcase classname=\"{}.{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
        case.profile,
        case.target,
        xml(&case.name),
        xml(&case.file),
        case.line
    );
    if result.passed() {
        return format!("{head}/>\n");
    }
    let differences = result.differences.join("; ");
    format!(
        "{head}>\n      <failure message=\"{0}\">{0}</failure>\n    </testcase>\n",
        xml(&differences)
    )
}

fn xml(text: &str) -> String {
    visible(text, TEXT_MAX)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
        // Noncharacters, which XML 1.0 excludes and no Unicode category marks as control.
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// SARIF 2.1.0 with one result per case that failed.
///
/// # Errors
/// When the document cannot be written as JSON.
pub fn sarif(runs: &[(Case, CaseResult)]) -> Result<String, serde_json::Error> {
    let rule = "policy-test";
    let results = runs
        .iter()
        .filter(|(_, result)| !result.passed())
        .map(|(case, result)| SarifResult {
            rule_id: rule,
            level: "error",
            message: message(&format!("{}: {}", case.name, result.differences.join("; "))),
            locations: [SarifLocation {
                physical_location: SarifPhysical {
                    artifact_location: SarifArtifact {
                        uri: uri(&case.file),
                    },
                    region: SarifRegion {
                        start_line: case.line,
                    },
                },
            }],
        })
        .collect();
    let document = Sarif {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [SarifRun {
            tool: SarifTool {
                driver: SarifDriver {
                    name: "promote",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: [SarifRule {
                        id: rule,
                        short_description: message("a policy says something else than its case"),
                    }],
                },
            },
            results,
        }],
    };
    serde_json::to_string_pretty(&document).map(|text| format!("{text}\n"))
}

fn message(text: &str) -> SarifMessage {
    SarifMessage {
        text: visible(text, 4 * TEXT_MAX),
    }
}

/// A path as a relative URI reference: everything but unreserved characters and `/` is escaped.
fn uri(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[derive(Serialize)]
struct Sarif {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun; 1],
}

#[derive(Serialize)]
struct SarifRun {
    tool: SarifTool,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct SarifTool {
    driver: SarifDriver,
}

#[derive(Serialize)]
struct SarifDriver {
    name: &'static str,
    version: &'static str,
    rules: [SarifRule; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: &'static str,
    short_description: SarifMessage,
}

#[derive(Serialize)]
struct SarifMessage {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    level: &'static str,
    message: SarifMessage,
    locations: [SarifLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: SarifPhysical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifPhysical {
    artifact_location: SarifArtifact,
    region: SarifRegion,
}

#[derive(Serialize)]
struct SarifArtifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRegion {
    start_line: usize,
}
