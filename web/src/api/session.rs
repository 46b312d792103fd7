//! First run, sign-in and who is signed in.

use contract::paths;
use contract::session::{CreateOwnerRequest, SessionView, SetupView, SignInRequest};

use super::ApiError;
use super::client;

/// Who is signed in.
pub async fn current() -> Result<SessionView, ApiError> {
    client::get(paths::SESSION).await
}

/// Whether the owner is still to be created.
pub async fn setup() -> Result<SetupView, ApiError> {
    client::get(paths::SETUP).await
}

/// Creates the owner; the answer's cookie signs them in.
pub async fn create_owner(request: &CreateOwnerRequest) -> Result<(), ApiError> {
    client::post_unit(paths::SETUP, request).await
}

/// Signs in; the answer's cookie is the session.
pub async fn sign_in(request: &SignInRequest) -> Result<(), ApiError> {
    client::post_unit(paths::SESSION, request).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), ApiError> {
    client::delete(paths::SESSION).await
}
