//! `promote instance init`: the key and the card of an instance.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::instance::{NewInstance, init};
use crate::app::access::live::default_key;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::governance::promotion::access::issue::live_environment;
use crate::governance::token::environment::Environment;
use crate::kernel::digest::Digest;
use crate::kernel::id::InstanceId;
use crate::kernel::text::visible;

/// Flags of `instance init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Name of the instance
    pub instance: InstanceId,
    /// New key file; its card goes to FILE.card [default: keys/instance-NAME in the workspace]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Host that it runs on [default: this host]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// `simulated`, `testnet` or `production` [default: simulated in a sandbox, else production]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub environment: Option<Environment>,
    /// SHA-256 of a program that may act for it; may be repeated [default: this program]
    #[arg(long, value_name = "SHA256")]
    pub build: Vec<Digest>,
}

/// Makes an instance.
///
/// # Errors
/// When a file exists already, or the host does not say its name.
pub fn run(args: &InitArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let unknown =
        |doing: &str, e: &std::io::Error| Failure::from_error(Exit::Internal, "machine", doing, e);
    let host = match &args.host {
        Some(host) => host.clone(),
        None => context
            .ports
            .machine
            .name()
            .map_err(|e| unknown("this host does not say its name", &e))?,
    };
    let builds = match args.build.as_slice() {
        [] => vec![
            context
                .ports
                .machine
                .build()
                .map_err(|e| unknown("could not read the running program", &e))?,
        ],
        named => named.to_vec(),
    };
    let key_file = match &args.out {
        Some(file) => context.path(file),
        None => context.workspace()?.resolve(&default_key(&args.instance)),
    };
    let new = NewInstance {
        instance: args.instance.clone(),
        host,
        environment: args
            .environment
            .unwrap_or_else(|| live_environment(&desk.state)),
        builds,
        key_file,
    };
    let made = init(&desk, &new, &mut *context.ports.entropy)?;
    if context.global.json {
        context.print_json(&made)?;
        return Ok(Exit::Done);
    }
    let card = &made.card;
    context.print(&format!(
        "instance {} on {}, {}\nkey {}\n",
        card.instance,
        card.host,
        card.environment,
        card.public_key.fingerprint()
    ))?;
    let file = visible(&made.card_file, 300);
    context.say(&format!(
        "key written to `{}`, its card to `{file}`\nnext: promote instance enrol --card {} --key RISK --key OPS",
        visible(&made.key_file, 300),
        word(&file)
    ));
    Ok(Exit::Done)
}
