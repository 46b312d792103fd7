//! The command line: names and flags only, no behaviour. Names are fixed (scripts rely on them); to add a command: a
//! variant here, a file in `commands/`, a line in `main.rs`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The control room for a fleet of Amazon WorkSpaces. Without a command: everything in one process.
#[derive(Debug, Parser)]
#[command(name = "wheelhouse", version, propagate_version = true)]
pub struct Cli {
    /// What to do; everything in one process when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// All-in-one options.
    #[command(flatten)]
    pub all: AllInOne,
    /// The configuration file (default: ./wheelhouse.toml if there is one).
    #[arg(long, global = true, env = "WHEELHOUSE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Options of the all-in-one process.
#[derive(Debug, Args)]
pub struct AllInOne {
    /// Where the portal and the API listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where the data is kept [default: ./data].
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// WorkSpaces of the simulated AWS.
    #[arg(long, value_name = "N", default_value_t = 200, conflicts_with = "no_demo")]
    pub demo_workspaces: u32,
    /// No simulated AWS.
    #[arg(long)]
    pub no_demo: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the API tier.
    Api(Listen),
    /// Run the worker tier.
    Worker,
    /// Run the model service; or fetch a model, or try one.
    Ai(Ai),
    /// Serve the portal's files alone; or put them where another server reads them.
    Web(Web),
    /// Bring the schema up; safe from many replicas at once.
    Migrate(Migrate),
    /// Verify and prune the audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// Manage users.
    #[command(subcommand)]
    Admin(Admin),
    /// Manage AWS accounts.
    #[command(subcommand)]
    Account(Account),
    /// Secrets at rest: the master key they are sealed under.
    #[command(subcommand)]
    Secrets(Secrets),
    /// Put everything into one encrypted file, while everything runs.
    Backup(Backup),
    /// Read a backup through: whether it is whole and opens with the key. Takes no database.
    Verify(VerifyBackup),
    /// Bring a backup back into an empty database; the exit status says whether the audit log in it is whole.
    Restore(Restore),
    /// Sync now and print the report.
    Sync(Sync),
    /// Serve a simulated AWS.
    AwsSim(AwsSim),
    /// Bring in a simulated fleet with its past, for trials under load. As at AWS, CloudTrail goes back 90 days and Cost
    /// Explorer 14 months.
    Seed(Seed),
    /// Check that this installation can work: configuration, database, Redis, portal.
    Doctor,
    /// Show the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask a running process whether it is ready; for container health checks.
    Healthcheck(Healthcheck),
    /// Print the API's OpenAPI 3.1 document.
    Openapi,
    /// Print the least-privilege IAM policy.
    IamPolicy(IamPolicy),
    /// Print the table of metrics.
    Metrics,
}

/// Where a tier listens.
#[derive(Debug, Args)]
pub struct Listen {
    /// Where to listen; otherwise as configured.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// The portal's files.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Web {
    /// What else than serving.
    #[command(subcommand)]
    pub command: Option<WebCommand>,
    /// Where it listens.
    #[command(flatten)]
    pub listen: Listen,
}

/// What is done with the portal's files beside serving them.
#[derive(Debug, Subcommand)]
pub enum WebCommand {
    /// Put them into a folder that another server reads, while people work: the parts of the release before stay for pages that
    /// are open, for 30 days.
    Publish(Publish),
}

/// Where to.
#[derive(Debug, Args)]
pub struct Publish {
    /// The folder they are put into; it has to be there.
    #[arg(long, value_name = "FOLDER")]
    pub into: PathBuf,
}

/// The model service.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Ai {
    /// What else than serving.
    #[command(subcommand)]
    pub command: Option<AiCommand>,
    /// Where it listens.
    #[command(flatten)]
    pub listen: Listen,
}

/// What is done with models beside serving them.
#[derive(Debug, Subcommand)]
pub enum AiCommand {
    /// Fetch a model from a hub, checked against the hub's checksum. An interrupted download goes on where it stopped. A token
    /// for models that are not everybody's is read from HF_TOKEN.
    Pull(AiPull),
    /// Load a model as it is configured; print how fast it reads and writes, what it takes and the longest context that fits.
    Check(AiCheck),
}

/// What to fetch.
#[derive(Debug, Args)]
pub struct AiPull {
    /// owner/name, owner/name:file.gguf, or owner/name@revision:file.gguf.
    pub model: ai_service::pull::Reference,
    /// The folder it is put into.
    #[arg(long, value_name = "FOLDER", default_value = "data/models")]
    pub into: PathBuf,
    /// The hub: Hugging Face or another that speaks as it does.
    #[arg(long, value_name = "URL", default_value = ai_service::pull::HUB)]
    pub hub: String,
}

/// What to try.
#[derive(Debug, Args)]
pub struct AiCheck {
    /// A GGUF file, or a folder with config.json and *.safetensors [default: ai.model].
    pub model: Option<PathBuf>,
    /// Tokens that the cache holds [default: ai.context].
    #[arg(long, value_name = "TOKENS")]
    pub context: Option<usize>,
    /// Threads that compute [default: ai.threads].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// What else a migration does.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Also give this role of Postgres what the application needs and no more: it reads and adds to the audit log, but can't
    /// change it. Run it as the owner of the tables, after each upgrade.
    #[arg(long, value_name = "NAME")]
    pub app_role: Option<String>,
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Find what was edited, removed, moved or cut off; the exit status says whether the log is whole.
    Verify {
        /// Hold it against the checkpoints of this folder too; may be repeated.
        #[arg(long, value_name = "FOLDER")]
        checkpoints: Vec<PathBuf>,
        /// Signatures of this key count too: a PEM file; may be repeated. This installation's own key always counts.
        #[arg(long, value_name = "FILE")]
        public_key: Vec<PathBuf>,
    },
    /// Remove the entries of the beginning for good, behind a signed cut. In Postgres as the owner of the tables.
    Prune {
        /// Entries from before this day, such as 2025-01-01; otherwise those that are older than retention.audit_days.
        #[arg(long, value_name = "DATE")]
        before: Option<chrono::NaiveDate>,
        /// Hold the log against the checkpoints of this folder too before anything is removed; may be repeated.
        #[arg(long, value_name = "FOLDER")]
        checkpoints: Vec<PathBuf>,
        /// Signatures of this key count too: a PEM file; may be repeated.
        #[arg(long, value_name = "FILE")]
        public_key: Vec<PathBuf>,
    },
}

/// User management.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Create a user; the password is read from standard input.
    CreateUser {
        /// E-mail address.
        #[arg(long)]
        email: String,
        /// owner, admin, operator, approver, auditor, viewer or member.
        #[arg(long)]
        role: domain::access::Role,
        /// Read the password from standard input (the only way, so that it never stands in a process list).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Make an API key for a user and print it, this once.
    CreateKey {
        /// The user's e-mail address.
        #[arg(long)]
        email: String,
        /// What to call the key.
        #[arg(long)]
        name: String,
        /// What it is for, such as workspace:read, separated by commas; all that the user has now when absent.
        #[arg(long, value_delimiter = ',', value_name = "PERMISSIONS")]
        scopes: Vec<domain::access::Permission>,
        /// After how many days it ends by itself; never when absent.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(contract::api_keys::KEY_DAYS_MAX)))]
        expires_days: Option<u32>,
    },
    /// Make a new one-time link for the owner; only while there is no user.
    SetupLink,
}

/// Account management.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Connect an AWS account.
    Add {
        /// A name of your own.
        #[arg(long)]
        name: String,
        /// Region codes, separated by commas.
        #[arg(long, value_delimiter = ',', required = true)]
        region: Vec<domain::ids::Region>,
        /// Assume this role; otherwise the usual AWS credential chain.
        #[arg(long)]
        role_arn: Option<String>,
        /// The external id of the role's trust policy.
        #[arg(long, requires = "role_arn")]
        external_id: Option<String>,
        /// Another endpoint for every AWS service.
        #[arg(long)]
        endpoint_url: Option<String>,
        /// Use the simulated AWS's fixed keys instead of real credentials; needs --endpoint-url.
        #[arg(long, requires = "endpoint_url", conflicts_with = "role_arn")]
        simulated: bool,
    },
    /// List the accounts.
    List,
}

/// Secrets at rest.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// Bring every sealed value to a new master key, while everything runs. Interrupted, it goes on when it is called again. Where
    /// there is no key file yet, it is made.
    Rotate {
        /// Add no key: bring everything to the newest one of the file or the configuration.
        #[arg(long)]
        no_new_key: bool,
        /// At the end, take the old keys out of the file. Backups from before then can't be read with it.
        #[arg(long)]
        drop_old: bool,
    },
    /// How many values stand under which key.
    Status,
}

/// A backup by hand.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder that it goes into [default: backup.dir].
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
    /// The file with the key [default: backup.key_file].
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Also remove older ones there that need not be kept (backup.keep_daily, backup.keep_weekly).
    #[arg(long)]
    pub prune: bool,
}

/// A backup to read through.
#[derive(Debug, Args)]
pub struct VerifyBackup {
    /// The backup.
    pub file: PathBuf,
    /// The file with the key [default: backup.key_file].
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// A backup to bring back.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// The file with the key [default: backup.key_file].
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// A sync by hand.
#[derive(Debug, Args)]
pub struct Sync {
    /// Only this account (its name); otherwise all.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The sync to run: a data set's, such as sync-workspaces or sync-directories.
    #[arg(long, default_value = "sync-workspaces", value_name = "NAME")]
    pub job: domain::sync::SyncKind,
    /// Wait for the end, print the report; the exit status says whether every run was whole. A worker must be running,
    /// unless --here.
    #[arg(long)]
    pub wait: bool,
    /// Run it in this process instead of leaving it to a worker.
    #[arg(long, requires = "wait")]
    pub here: bool,
}

/// The simulated AWS.
#[derive(Debug, Args)]
pub struct AwsSim {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:5066", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// How many WorkSpaces.
    #[arg(long, default_value_t = 200)]
    pub workspaces: u32,
    /// The seed: the same one makes the same fleet.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// `on` (as AWS: 2 per second, 5 at once), `off`, or RATE/BURST.
    #[arg(long, default_value = "on")]
    pub throttle: String,
    /// A fault such as `deny:DescribeTags` or `throttle:DescribeWorkspaces:0.2`; may be repeated.
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<String>,
    /// Region codes, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub region: Vec<String>,
    /// Seconds a start, stop or reboot takes instead of AWS-like times.
    #[arg(long, value_name = "SECONDS")]
    pub transition_seconds: Option<u32>,
    /// Days before its start since when its fleet has been growing.
    #[arg(long, default_value_t = aws_sim::DEFAULT_HISTORY_DAYS, value_name = "DAYS")]
    pub history_days: u32,
}

/// A fleet for trials under load.
#[derive(Debug, Args)]
pub struct Seed {
    /// How many WorkSpaces.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub workspaces: u32,
    /// How many days of usage; CloudWatch keeps 455, by the hour from the month before last back.
    #[arg(long, value_name = "D", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=454))]
    pub days: u32,
    /// The seed: the same one makes the same fleet.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Region codes, separated by commas.
    #[arg(long, value_name = "REGIONS", value_delimiter = ',')]
    pub regions: Vec<domain::ids::Region>,
    /// The database; otherwise as configured.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Also where the database has an account that is not simulated.
    #[arg(long)]
    pub yes: bool,
}

/// What to show of the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every value with where it came from.
    Show,
    /// The table of environment variables, as Markdown.
    EnvTable,
}

/// Which process to ask.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// The address to ask whether it is ready; with a path that path is asked for, such as http://127.0.0.1:9464/metrics of a
    /// worker. Otherwise the configured one.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
}

/// Which policy to print.
#[derive(Debug, Args)]
pub struct IamPolicy {
    /// Only what syncs need, no actions.
    #[arg(long)]
    pub read_only: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_sync_is_chosen_by_the_name_of_its_job() {
        use domain::sync::SyncKind;
        let chosen = |arguments: &[&str]| match Cli::try_parse_from(arguments) {
            Ok(Cli { command: Some(Command::Sync(sync)), .. }) => Ok(sync.job),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(chosen(&["wheelhouse", "sync"]), Ok(SyncKind::Workspaces));
        for kind in SyncKind::ALL {
            assert_eq!(chosen(&["wheelhouse", "sync", "--job", kind.as_str()]), Ok(*kind));
        }
        let refused = chosen(&["wheelhouse", "sync", "--job", "sync-moon"]).unwrap_err();
        assert!(SyncKind::ALL.iter().all(|kind| refused.contains(kind.as_str())), "{refused}");
    }

    #[test]
    fn demo_and_no_demo_exclude_each_other() {
        assert!(Cli::try_parse_from(["wheelhouse", "--no-demo", "--demo-workspaces", "5"]).is_err());
        assert!(
            Cli::try_parse_from(["wheelhouse", "account", "add", "--name", "x", "--region", "eu-west-1,us-east-1"])
                .is_ok()
        );
        assert!(Cli::try_parse_from(["wheelhouse", "account", "add", "--name", "x", "--region", "nowhere"]).is_err());
    }
}
