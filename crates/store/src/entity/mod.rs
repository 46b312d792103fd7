//! The tables as sea-orm sees them, one file each. `Model`s stay inside this crate: repos give out records of their own.
//! Tables that are only written in whole sets (`workspace`, `workspace_tag`, …) have none; their statements are in `repo`.

pub(crate) mod account;
pub(crate) mod account_region;
pub(crate) mod api_key;
pub(crate) mod api_spend;
pub(crate) mod app_user;
pub(crate) mod bundle;
pub(crate) mod conversation;
pub(crate) mod conversation_turn;
pub(crate) mod cost_day;
pub(crate) mod cost_tag_day;
pub(crate) mod data_set;
pub(crate) mod desktop_request;
pub(crate) mod desktop_request_step;
pub(crate) mod directory;
pub(crate) mod event;
pub(crate) mod invitation;
pub(crate) mod job;
pub(crate) mod job_attempt;
pub(crate) mod job_log;
pub(crate) mod price;
pub(crate) mod report;
pub(crate) mod report_run;
pub(crate) mod role;
pub(crate) mod saved_view;
pub(crate) mod schedule;
pub(crate) mod session;
pub(crate) mod setup_token;
pub(crate) mod sync_run;
pub(crate) mod team;
