//! First run and sign-in.

use anyhow::Result;
use testkit::browser::Browser;

/// The page of the one-time link.
pub struct SetupPage<'a>(pub &'a Browser);

impl SetupPage<'_> {
    /// Opens the link.
    pub async fn open(&self, link: &str) -> Result<()> {
        self.0.goto(link).await?;
        self.0.find("setup-email").await.map(drop)
    }

    /// Fills and sends the form.
    pub async fn create_owner(&self, email: &str, password: &str) -> Result<()> {
        self.0.fill("setup-email", email).await?;
        self.0.fill("setup-password", password).await?;
        self.0.fill("setup-password2", password).await?;
        self.0.click("setup-submit").await?;
        self.0.find("nav-workspaces").await.map(drop)
    }
}

/// The sign-in page.
pub struct SignInPage<'a>(pub &'a Browser);

impl SignInPage<'_> {
    /// Fills and sends the form.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<()> {
        self.0.fill("signin-email", email).await?;
        self.0.fill("signin-password", password).await?;
        self.0.click("signin-submit").await
    }

    /// Signs out by the user menu.
    pub async fn sign_out(&self) -> Result<()> {
        self.0.click("user-menu").await?;
        self.0.click("sign-out").await?;
        self.0.find("signin-email").await.map(drop)
    }
}
