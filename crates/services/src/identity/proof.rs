//! Step-up: somebody who is signed in shows again that it is them, by their password, a code of their second factor or a mailed one.
//! What a proof is good for, and for how long, is said in `crate::sessions`; who has no password here proves it where they signed
//! in (`crate::oidc`).

use domain::access::Actor;

use super::error::IdentityError;
use super::{email_code, second_factor};
use crate::{Context, audit, sessions};

/// What somebody shows.
#[derive(Clone)]
pub enum Proof {
    /// Their password.
    Password(String),
    /// A code of their app, or a recovery code: it is taken by this.
    Code(String),
    /// A code that was mailed to them, as for signing in: it is taken by this.
    EmailCode(String),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::Code(_) => "Code",
            Self::EmailCode(_) => "EmailCode",
        })
    }
}

/// Notes in the actor's session that it is them, when what is shown fits.
///
/// # Errors
/// [`IdentityError::WrongPassword`], [`IdentityError::BadCode`], [`IdentityError::TooManyTries`]; [`IdentityError::StepUp`] for a
/// key; [`IdentityError::NotFound`] when their session has ended; [`IdentityError::Hashing`], [`IdentityError::Vault`],
/// [`IdentityError::Store`].
pub async fn prove(ctx: &Context, actor: &Actor, proof: &Proof) -> Result<(), IdentityError> {
    let user = second_factor::own(actor)?;
    let (by, taken) = match proof {
        Proof::Password(password) => return Ok(sessions::prove_by_password(ctx, actor, password).await?),
        Proof::Code(code) => ("second_factor", second_factor::take(ctx, user, code).await),
        Proof::EmailCode(code) => ("emailed_code", email_code::take(ctx, user, code).await),
    };
    match taken {
        Ok(tx) => {
            sessions::proved(ctx, &tx, actor, by).await?;
            tx.commit().await?;
            if let Some(session) = actor.origin.session_id {
                ctx.known.forget_session(session);
            }
            Ok(())
        }
        Err(error) => {
            if matches!(error, IdentityError::BadCode | IdentityError::TooManyTries { .. }) {
                let tx = ctx.db.begin().await?;
                audit::record(&tx, ctx, actor, sessions::proof_entry(actor, by).refused("wrong code")).await?;
                tx.commit().await?;
            }
            Err(error)
        }
    }
}
