//! One's own page: name, password, second factor. Sessions are in `sessions`, keys in `api_keys`.

pub mod fetch;
pub mod password;
pub mod recovery_codes;
pub mod totp_confirm;
pub mod totp_create;
pub mod totp_delete;
pub mod update;
pub mod view;
