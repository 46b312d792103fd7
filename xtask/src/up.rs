//! `cargo xtask up`: from a clone to a running portal: builds portal and binary in release and starts everything in one
//! process, on SQLite with the simulated AWS. The binary prints the address and the one-time link of the owner; Ctrl-C
//! stops it, data stays.

use anyhow::Result;

use crate::{
    ctx::Ctx,
    portal::{self, Kind},
    process,
};

/// Options of `up`, handed to the binary.
#[derive(clap::Args)]
pub struct Args {
    /// Where the portal listens.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where the data is kept [default: ./data].
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// WorkSpaces of the simulated AWS.
    #[arg(long, value_name = "N")]
    demo_workspaces: Option<String>,
    /// Handed to the binary as it is.
    #[arg(last = true)]
    more: Vec<std::ffi::OsString>,
}

/// The command.
pub fn run(ctx: &Ctx, args: &Args) -> Result<()> {
    eprintln!("building portal and binary in release: minutes the first time, seconds afterwards");
    let portal = portal::build(ctx, Kind::Release)?;
    process::run(ctx.cargo().args(["build", "--release", "-p", "wheelhouse", "--bin", "wheelhouse"]))?;
    let mut command = ctx.command(ctx.binary("release"));
    for (flag, value) in
        [("--listen", &args.listen), ("--data", &args.data), ("--demo-workspaces", &args.demo_workspaces)]
    {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    command.args(&args.more).env("WHEELHOUSE_PORTAL__DIR", portal);
    process::run_until_interrupted(&mut command)
}
