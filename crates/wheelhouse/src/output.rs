//! Printing: results to standard output, troubles to standard error. The only place that prints.

use std::io::Write as _;
use std::process::ExitCode;

/// Prints a line of a result. A closed pipe is the reader's choice, not our error.
pub fn line(text: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Prints a line of advice or trouble.
pub fn note(text: impl std::fmt::Display) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Prints advice over the line before it, on a terminal; the next [`note`] ends it.
pub fn move_note(text: impl std::fmt::Display) {
    drop(write!(std::io::stderr(), "\r{text}\x1b[K"));
}

/// Prints a result as indented JSON.
pub fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints an event of a process that runs on, as one line of JSON: who follows its output reads line by line.
pub fn json_line(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string(value)?);
    Ok(())
}

/// Says what went wrong, cause by cause, and gives the exit status for it.
pub fn fail(error: &anyhow::Error) -> ExitCode {
    note(format_args!("wheelhouse: {error:#}"));
    ExitCode::FAILURE
}
