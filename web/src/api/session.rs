//! First run, sign-in and who is signed in.

use contract::invitations::AcceptInvitationRequest;
use contract::oidc::{OidcLinkView, OidcProofRequest, OidcView};
use contract::paths;
use contract::profile::{ConfirmPasswordResetRequest, MailRequest, MailRequestedView};
use contract::session::{
    CreateOwnerRequest, EmailCodeRequest, ProofRequest, SecondFactorRequest, SecondFactorView, SessionView, SetupView,
    SignInRequest,
};
use serde::Deserialize;
use serde_json::Value;

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

/// Whether people may sign in at an OpenID provider.
pub async fn single_sign_on() -> Result<OidcView, ApiError> {
    client::get(paths::OIDC).await
}

/// Creates the owner; the answer's cookie signs them in.
pub async fn create_owner(request: &CreateOwnerRequest) -> Result<(), ApiError> {
    client::post_unit(paths::SETUP, request).await
}

/// How far a sign-in came.
pub enum SignIn {
    /// The answer's cookie is the session.
    Done,
    /// A code is still wanted.
    Code(SecondFactorView),
}

fn step((status, value): (u16, Value)) -> Result<SignIn, ApiError> {
    const ACCEPTED: u16 = 202;
    if status != ACCEPTED {
        return Ok(SignIn::Done);
    }
    let next = SecondFactorView::deserialize(value);
    next.map(SignIn::Code).map_err(|error| ApiError::Unreadable { status, detail: error.to_string(), request_id: None })
}

/// Signs in by password.
pub async fn sign_in(request: &SignInRequest) -> Result<SignIn, ApiError> {
    client::post_status(paths::SESSION, request).await.and_then(step)
}

/// Goes on with a code of the second factor.
pub async fn second_factor(request: &SecondFactorRequest) -> Result<(), ApiError> {
    client::post_unit(paths::SESSION_SECOND_FACTOR, request).await
}

/// Sends a code by mail.
pub async fn send_code(request: &MailRequest) -> Result<MailRequestedView, ApiError> {
    client::post(paths::SESSION_EMAIL_CODE, request).await
}

/// Signs in by the mailed code.
pub async fn verify_code(request: &EmailCodeRequest) -> Result<SignIn, ApiError> {
    client::post_status(paths::SESSION_EMAIL_CODE_VERIFY, request).await.and_then(step)
}

/// Sends a link to a new password.
pub async fn forgot(request: &MailRequest) -> Result<MailRequestedView, ApiError> {
    client::post(paths::PASSWORD_RESET, request).await
}

/// Sets a new password by that link.
pub async fn reset(request: &ConfirmPasswordResetRequest) -> Result<(), ApiError> {
    client::post_unit(paths::PASSWORD_RESET_CONFIRM, request).await
}

/// Becomes a user by an invitation's link; the answer's cookie is the session.
pub async fn accept(request: &AcceptInvitationRequest) -> Result<(), ApiError> {
    client::post_unit(paths::INVITATION_ACCEPT, request).await
}

/// Signs out.
pub async fn sign_out() -> Result<(), ApiError> {
    client::delete(paths::SESSION).await
}

/// Begins to prove again who is there, at the OpenID provider: where the browser goes.
pub async fn prove_elsewhere(request: &OidcProofRequest) -> Result<OidcLinkView, ApiError> {
    client::post(paths::OIDC_PROOF, request).await
}

/// Proves again who is there.
pub async fn prove(request: &ProofRequest) -> Result<(), ApiError> {
    client::post_unit(paths::SESSION_PROOF, request).await
}
