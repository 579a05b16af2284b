//! `promote show` and `promote explain`: one request, rendered from recomputed values only.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::app::gate::views;
use crate::cli::context::Context;
use crate::governance::promotion::denying::hits;
use crate::governance::promotion::event;
use crate::governance::promotion::state::RequestRecord;
use crate::kernel::id::RequestId;
use crate::render::verdict::json::VerdictJson;
use crate::render::verdict::{denied, explain as explain_text, table};

/// Flags of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Request
    pub request: RequestId,
    /// Write the signed statements of this request and their signatures into this folder, for
    /// `ssh-keygen -Y verify`
    #[arg(long, value_name = "DIR")]
    pub statements_out: Option<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

/// Flags of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Request
    pub request: RequestId,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ShowArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

impl ExplainArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Shows a request with all that happened to it.
///
/// # Errors
/// Exit 7 when there is no such request.
pub fn show(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = super::open::read(context)?;
    let record = desk.request(&args.request)?;
    if let Some(dir) = &args.statements_out {
        let dir = context.path(dir);
        for line in statements(&desk, record, &dir)? {
            context.say(&line);
        }
    }
    let view = views::request(&desk, record);
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&views::request_text(&view))?;
        if let Some(judged) = &record.judged {
            context.print(&format!("\n{}", table(&judged.verdict)))?;
        }
    }
    Ok(Exit::Done)
}

/// Shows every criterion with value, limit, margin, source, and the smallest change that flips it.
///
/// # Errors
/// Exit 7 when there is no such request, exit 8 when it has not been judged.
pub fn explain(args: &ExplainArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = super::open::read(context)?;
    let record = desk.request(&args.request)?;
    let judged = record.judged.as_ref().ok_or_else(|| {
        let text = format!("request `{}` has not been evaluated", args.request);
        Failure::new(Exit::Pending, "not-evaluated", text)
            .hint(format!("`promote evaluate {}`", args.request))
    })?;
    let set = desk.state.oversight.policy_at(judged.seq);
    let set = set.unwrap_or(&desk.state.policy);
    let evaluation = &judged.evaluation;
    let (target, settings) = (record.request.target, &evaluation.beside.settings);
    let hit = hits(set, target, settings, &evaluation.facts);
    if context.global.json || args.wants_json() {
        let json = VerdictJson::new(&judged.verdict, set).about(
            record.request.portfolio.clone(),
            record.request.evidence.clone(),
            judged.evaluation.decision_sha256,
        );
        context.print_json(&json.denied(&hit))?;
    } else {
        let policy = set.policy(&record.request.profile);
        let text = policy.map_or_else(
            || table(&judged.verdict),
            |policy| explain_text(&judged.verdict, policy),
        );
        context.print(&text)?;
        context.print(&denied(&hit))?;
    }
    Ok(Exit::Done)
}

/// Writes `SEQ-KIND.json` and `SEQ-KIND.json.sig` for every signed act on the request, and an
/// `allowed_signers` file.
fn statements(
    desk: &Desk,
    record: &RequestRecord,
    dir: &std::path::Path,
) -> Result<Vec<String>, Failure> {
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        durable::write_file(&path, bytes).map_err(|e| failure::io("write", &path, &e))
    };
    let mut signers = String::new();
    for (person, held) in &desk.state.persons {
        for key in held.keys.iter().filter_map(|k| desk.state.keys.get(k)) {
            signers.push_str(&format!("{person} {}\n", key.key));
        }
    }
    signers.push_str(&format!("engine {}\n", desk.state.genesis.engine_key));
    write("allowed_signers", signers.as_bytes())?;
    let mut lines = Vec::new();
    for line in crate::render::decision_log::signers(record) {
        let entry = usize::try_from(line.seq)
            .ok()
            .and_then(|at| desk.entries.get(at));
        let signed = entry.and_then(|e| event::read(e).ok());
        let Some((entry, signed)) = entry.zip(signed) else {
            continue;
        };
        let name = format!("{}-{}.json", entry.seq, entry.leaf.kind);
        write(&name, signed.body.statement.as_bytes())?;
        if let Some(envelope) = signed.envelopes.first() {
            write(&format!("{name}.sig"), envelope.to_armor().as_bytes())?;
        }
        lines.push(format!(
            "ssh-keygen -Y verify -f allowed_signers -I {} -n {} -s {name}.sig < {name}",
            line.person,
            signed.statement.act.namespace()
        ));
    }
    Ok(lines)
}
