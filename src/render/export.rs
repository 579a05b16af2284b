//! Exports: a register or the decision log in one of its forms, with the line by which a copy can
//! be checked against the ledger.
//!
//! In: the fold of a ledger, its head, an [`Order`]. Out: text that depends on the entries up to
//! that head and on nothing else. The seal (`promote-decision-log/v1 lang=de portfolio=* size=110
//! root=…`) is the last line of Markdown and the footer of HTML; JSON names head and portfolio
//! itself, CSV in the last columns of every row.

use serde::Serialize;

use super::RenderError;
use super::csv::{self, Sheet};
use super::decision_log::{self, DecisionLog, Language};
use super::register::About;
use super::register::incidents::{self, IncidentRegister};
use super::register::incidents_page;
use super::register::inventory::{self, Inventory, KeptLimits};
use super::register::inventory_page;
use super::register::overrides::{self, OverrideRegister};
use super::register::reviews::{self, Reviews};
use super::report::document::Document;
use super::report::template;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::kernel::id::PortfolioId;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Every ended request, in the playbook's template.
    Decisions,
    /// Every override.
    Overrides,
    /// Every incident, halt and drill.
    Incidents,
    /// Every portfolio, person, key, instance and token.
    Inventory,
    /// Statistics of approvals and denials.
    Reviews,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Markdown.
    Markdown,
    /// One self-contained page.
    Html,
    /// A document with a schema.
    Json,
    /// One header line, stable columns.
    Csv,
}

/// Everything that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub what: What,
    /// In which form.
    pub form: Form,
    /// Language of Markdown and HTML; JSON and CSV have wire words only.
    pub language: Language,
    /// One portfolio, or all.
    pub portfolio: Option<PortfolioId>,
}

impl What {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Decisions,
        Self::Overrides,
        Self::Incidents,
        Self::Inventory,
        Self::Reviews,
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decisions => "decisions",
            Self::Overrides => "overrides",
            Self::Incidents => "incidents",
            Self::Inventory => "inventory",
            Self::Reviews => "reviews",
        }
    }

    /// Name of the format, in seals and after `promote/` in JSON.
    #[must_use]
    pub fn format(self) -> &'static str {
        match self {
            Self::Decisions => "decision-log/v1",
            Self::Overrides => "override-log/v1",
            Self::Incidents => "incident-log/v1",
            Self::Inventory => "inventory/v1",
            Self::Reviews => "reviews/v1",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Decisions => decision_log::COLUMNS,
            Self::Overrides => overrides::COLUMNS,
            Self::Incidents => incidents::COLUMNS,
            Self::Inventory => inventory::COLUMNS,
            Self::Reviews => reviews::COLUMNS,
        }
    }
}

impl Form {
    /// The ending of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The form of files with this ending.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        [Self::Markdown, Self::Html, Self::Json, Self::Csv]
            .into_iter()
            .find(|form| form.extension() == extension)
    }
}

/// One export, before it is written.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Export {
    Decisions(DecisionLog),
    Overrides(OverrideRegister),
    Incidents(IncidentRegister),
    Inventory(Inventory),
    Reviews(Reviews),
}

/// The export that `order` asks for, of the ledger that `state` is the fold of.
///
/// # Errors
/// When a template does not fit, which tests exclude.
pub fn write(
    state: &State,
    limits: &KeptLimits,
    head: Head,
    order: &Order,
) -> Result<String, RenderError> {
    let export = collect(state, limits, head, order);
    match order.form {
        Form::Json => Ok(serde_json::to_string_pretty(&export)? + "\n"),
        Form::Csv => csv::write(&sealed(sheet(&export), order.what, &head)),
        Form::Html => Ok(template::html(&document(&export, order, &head))?),
        Form::Markdown => match &export {
            Export::Decisions(log) => {
                decision_log::render(log, order.language, &seal(order, &head))
            }
            _ => Ok(template::markdown(&document(&export, order, &head))?),
        },
    }
}

fn collect(state: &State, limits: &KeptLimits, head: Head, order: &Order) -> Export {
    let portfolio = order.portfolio.as_ref();
    let about = About::new(state, head, portfolio);
    match order.what {
        What::Decisions => Export::Decisions(decision_log::collect(state, head, portfolio)),
        What::Overrides => Export::Overrides(overrides::collect(state, about)),
        What::Incidents => Export::Incidents(incidents::collect(state, about)),
        What::Inventory => Export::Inventory(inventory::collect(state, limits, about)),
        What::Reviews => Export::Reviews(reviews::collect(state, about)),
    }
}

fn document(export: &Export, order: &Order, head: &Head) -> Document {
    let seal = seal(order, head);
    let language = order.language;
    match export {
        Export::Decisions(log) => decision_log::document(log, language, seal),
        Export::Overrides(register) => overrides::document(register, language, seal),
        Export::Incidents(register) => incidents_page::document(register, language, seal),
        Export::Inventory(inventory) => inventory_page::document(inventory, language, seal),
        Export::Reviews(reviews) => reviews::document(reviews, language, seal),
    }
}

fn sheet(export: &Export) -> Sheet {
    match export {
        Export::Decisions(log) => decision_log::sheet(log),
        Export::Overrides(register) => overrides::sheet(register),
        Export::Incidents(register) => incidents::sheet(register),
        Export::Inventory(inventory) => inventory::sheet(inventory),
        Export::Reviews(reviews) => reviews::sheet(reviews),
    }
}

/// The sheet with the head at the end of every row.
fn sealed(sheet: Sheet, what: What, head: &Head) -> Sheet {
    let tail = [head.size.to_string(), head.root.to_string()];
    let rows = sheet.rows.into_iter();
    let rows = rows.map(|row| row.into_iter().chain(tail.clone()).collect());
    Sheet {
        columns: header(what),
        rows: rows.collect(),
    }
}

fn header(what: What) -> Vec<&'static str> {
    let own = what.columns().iter().copied();
    own.chain(["ledger_size", "ledger_root"]).collect()
}

/// The last line of an exported text.
fn seal(order: &Order, head: &Head) -> String {
    format!(
        "promote-{} lang={} portfolio={} size={} root={}",
        order.what.format(),
        order.language.as_str(),
        order.portfolio.as_ref().map_or("*", |p| p.as_str()),
        head.size,
        head.root
    )
}

/// What an exported text says that it is: its head, and every order that could have made it.
#[must_use]
pub fn read_seal(text: &str) -> Option<(Head, Vec<Order>)> {
    let first = text.lines().next()?;
    if first == "{" {
        return read_json(text);
    }
    if first.starts_with("<!doctype html>") {
        let line = text.lines().rev().find(|l| l.starts_with("<footer>"))?;
        let inner = line.strip_prefix("<footer>")?.strip_suffix("</footer>")?;
        return read_line(inner, Form::Html);
    }
    let last = text.trim_end_matches('\n').lines().last()?;
    match last.strip_prefix('`').and_then(|l| l.strip_suffix('`')) {
        Some(inner) => read_line(inner, Form::Markdown),
        None => read_csv(text, first),
    }
}

fn read_line(line: &str, form: Form) -> Option<(Head, Vec<Order>)> {
    let words: Vec<&str> = line.split(' ').collect();
    let [format, lang, portfolio, size, root] = words.as_slice() else {
        return None;
    };
    let format = format.strip_prefix("promote-")?;
    let portfolio = match portfolio.strip_prefix("portfolio=")? {
        "*" => None,
        name => Some(name.parse().ok()?),
    };
    let order = Order {
        what: What::ALL.into_iter().find(|w| w.format() == format)?,
        form,
        language: Language::parse(lang.strip_prefix("lang=")?)?,
        portfolio,
    };
    Some((
        head(size.strip_prefix("size=")?, root.strip_prefix("root=")?)?,
        vec![order],
    ))
}

fn head(size: &str, root: &str) -> Option<Head> {
    Some(Head {
        size: size.parse().ok()?,
        root: root.parse().ok()?,
    })
}

fn read_json(text: &str) -> Option<(Head, Vec<Order>)> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let format = value.get("schema")?.as_str()?.strip_prefix("promote/")?;
    let head = serde_json::from_value(value.get("head")?.clone()).ok()?;
    let order = Order {
        what: What::ALL.into_iter().find(|w| w.format() == format)?,
        form: Form::Json,
        language: Language::De,
        portfolio: serde_json::from_value(value.get("portfolio")?.clone()).ok()?,
    };
    Some((head, vec![order]))
}

/// A sheet does not say whether one portfolio was asked for: both are possible where all rows are
/// of one.
fn read_csv(text: &str, first: &str) -> Option<(Head, Vec<Order>)> {
    let mut what = What::ALL.into_iter();
    let what = what.find(|w| header(*w).join(",") == first)?;
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
    let row = rows.first()?;
    let width = header(what).len();
    let head = head(row.get(width - 2)?, row.get(width - 1)?)?;
    let order = |portfolio| Order {
        what,
        form: Form::Csv,
        language: Language::De,
        portfolio,
    };
    let mut orders = vec![order(None)];
    let column = what.columns().iter().position(|c| *c == "portfolio");
    if let Some(name) = column.and_then(|at| row.get(at)) {
        orders.extend(name.parse().ok().map(|name| order(Some(name))));
    }
    Some((head, orders))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::digest::Digest;

    #[test]
    fn seals_read_back() {
        let head = Head {
            size: 12,
            root: Digest::of(b"x"),
        };
        for what in What::ALL {
            for portfolio in [None, Some(PortfolioId::new("p").unwrap())] {
                let order = Order {
                    what,
                    form: Form::Markdown,
                    language: Language::De,
                    portfolio,
                };
                let text = format!("# log\n\n`{}`\n", seal(&order, &head));
                assert_eq!(read_seal(&text), Some((head, vec![order.clone()])));
                let html = Order {
                    form: Form::Html,
                    language: Language::En,
                    ..order
                };
                let text = format!("<!doctype html>\n<footer>{}</footer>\n", seal(&html, &head));
                assert_eq!(read_seal(&text), Some((head, vec![html])));
            }
        }
        for text in ["", "# log\n", "{\n}\n", "a,b\n1,2\n", "<!doctype html>\n"] {
            assert_eq!(read_seal(text), None, "{text}");
        }
    }
}
