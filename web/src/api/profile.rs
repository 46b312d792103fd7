//! One's own page: name, password, second factor.

use contract::oidc::OidcLinkView;
use contract::paths;
use contract::profile::{
    ChangePasswordRequest, ConfirmTotpRequest, ProfileView, RecoveryCodesView, TotpSetupView, UpdateProfileRequest,
};

use super::{ApiError, client};

/// Who one is.
pub async fn get() -> Result<ProfileView, ApiError> {
    client::get(paths::PROFILE).await
}

/// Changes the name.
pub async fn update(request: &UpdateProfileRequest) -> Result<ProfileView, ApiError> {
    client::patch(paths::PROFILE, request).await
}

/// Changes the password.
pub async fn change_password(request: &ChangePasswordRequest) -> Result<(), ApiError> {
    client::put(paths::PROFILE_PASSWORD, request, None).await
}

/// Makes a secret for an authenticator app.
pub async fn begin_totp() -> Result<TotpSetupView, ApiError> {
    client::post_empty(paths::PROFILE_TOTP).await
}

/// Turns codes on; the answer has the recovery codes.
pub async fn confirm_totp(request: &ConfirmTotpRequest) -> Result<RecoveryCodesView, ApiError> {
    client::post(paths::PROFILE_TOTP_CONFIRM, request).await
}

/// Turns codes off.
pub async fn remove_totp() -> Result<(), ApiError> {
    client::delete(paths::PROFILE_TOTP).await
}

/// Makes new recovery codes; the old ones end.
pub async fn recovery_codes() -> Result<RecoveryCodesView, ApiError> {
    client::post_empty(paths::PROFILE_RECOVERY_CODES).await
}

/// Begins to join a person of the OpenID provider to oneself: where the browser goes.
pub async fn join() -> Result<OidcLinkView, ApiError> {
    client::post_empty(paths::OIDC_LINK).await
}

/// Takes oneself apart from the OpenID provider.
pub async fn leave() -> Result<(), ApiError> {
    client::delete(paths::OIDC_LINK).await
}

/// Removes oneself.
pub async fn remove() -> Result<(), ApiError> {
    client::delete(paths::PROFILE).await
}
