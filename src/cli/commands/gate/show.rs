//! `promote show` and `promote explain`: one request, rendered from recomputed values only; and what
//! a refusal means.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::app::gate::{explaining, resemblance, views};
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::governance::promotion::denying::hits;
use crate::governance::promotion::event;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::state::RequestRecord;
use crate::kernel::id::RequestId;
use crate::kernel::text::visible;
use crate::render::refusals;
use crate::render::resemblance::text;
use crate::render::verdict::explanation::{ExplanationJson, explain as explain_text};
use crate::render::verdict::{denied, table};

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
    /// A request (every criterion of its verdict), the slug of a refusal, or the number of an entry
    /// that records one
    #[arg(value_name = "REQUEST|SLUG|SEQ")]
    pub what: String,
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
    let mut desk = super::open::read(context)?;
    let resembles = block_on(resemblance::of(&mut desk, &args.request))?;
    let record = desk.request(&args.request)?;
    if let Some(dir) = &args.statements_out {
        let dir = context.path(dir);
        let shown = args.statements_out.as_ref().unwrap_or(&dir);
        context.say(&format!(
            "cd {}",
            word(&visible(&shown.display().to_string(), 400))
        ));
        for line in statements(&desk, record, &dir)? {
            context.say(&line);
        }
    }
    let view = views::request(&desk, record, resembles);
    if context.global.json || args.wants_json() {
        context.print_json(&view)?;
    } else {
        context.print(&views::request_text(&view, context.width()))?;
        if let Some(judged) = &record.judged {
            let table = table(&judged.verdict, context.width());
            context.print(&format!("\n{table}"))?;
        }
    }
    Ok(Exit::Done)
}

/// Explains a verdict or a refusal.
///
/// # Errors
/// Exit 7 when there is no such request or entry, exit 8 when the request has not been judged,
/// exit 2 when the word is none of the three.
pub fn explain(args: &ExplainArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let json = context.global.json || args.wants_json();
    if let Some(explanation) = refusals::find(&args.what) {
        return print_refusal(&explaining::by_slug(explanation), json, context);
    }
    if let Ok(seq) = args.what.parse::<u64>() {
        let desk = super::open::read(context)?;
        return print_refusal(&explaining::by_entry(&desk, seq)?, json, context);
    }
    let request: RequestId = args.what.parse().map_err(|_| {
        let shown = visible(&args.what, 60);
        let text = format!("`{shown}` is no request, no refusal and no entry");
        Failure::new(Exit::Usage, "usage", text)
            .hint("`promote status` lists the requests, `promote help refusals` the refusals")
    })?;
    let mut desk = super::open::read(context)?;
    let resembles = block_on(resemblance::of(&mut desk, &request))?;
    let sessions = block_on(explaining::sessions(&mut desk, &request))?;
    let record = desk.request(&request)?;
    let judged = record.judged.as_ref().ok_or_else(|| {
        let text = format!("request `{request}` has not been evaluated");
        Failure::new(Exit::Pending, "not-evaluated", text)
            .hint(format!("`promote evaluate {request}`"))
    })?;
    let set = desk.state.oversight.policy_at(judged.seq);
    let set = set.unwrap_or(&desk.state.policy);
    let asked = &record.request;
    let evaluation = &judged.evaluation;
    let settings = &evaluation.beside.settings;
    let hit = hits(set.deny(), asked.target, settings, &evaluation.facts);
    let looks = Looks::of(&desk.state, record);
    let why = looks.why().map(|why| format!("{why}\n"));
    let head = format!("{looks}\n{}", why.unwrap_or_default());
    let explanation = ExplanationJson::new(&judged.verdict, set, &asked.evidence)
        .about(asked.portfolio.clone(), evaluation.decision_sha256)
        .with_sessions(&sessions)
        .denied(&hit)
        .resembling(resembles.clone())
        .looks(looks);
    if json {
        context.print_json(&explanation)?;
    } else {
        context.print(&head)?;
        context.print(&explain_text(&judged.verdict, &explanation))?;
        context.print(&denied(&hit))?;
        if let Some(resembles) = resembles {
            context.print(&format!("\n{}", text(&resembles)))?;
        }
    }
    Ok(Exit::Done)
}

fn print_refusal(
    view: &explaining::RefusalExplanationJson,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    if json {
        context.print_json(view)?;
    } else {
        context.print(&explaining::text(view))?;
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
    for line in crate::render::decision_log::signers(&desk.state, record) {
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
