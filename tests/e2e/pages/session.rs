//! First run and sign-in.

use anyhow::Result;
use testkit::app::{OWNER_PASSWORD, TestApp};
use testkit::browser::Browser;

/// A browser with a window so wide and high, dark or light, in which this person has just signed in on the way to `path`: the form is
/// gone, so that who goes elsewhere now is known there. They have the owner's password, as everybody has whom a test makes.
pub async fn signed_in(
    app: &TestApp,
    email: &str,
    path: &str,
    (width, height, dark): (u32, u32, bool),
) -> Result<Browser> {
    let browser = Browser::open(width, height, dark).await?;
    browser.goto(&format!("{}{path}", app.url())).await?;
    let page = SignInPage(&browser);
    page.sign_in(email, OWNER_PASSWORD).await?;
    page.left().await?;
    Ok(browser)
}

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

    /// Waits until the form is gone.
    pub async fn left(&self) -> Result<()> {
        let gone = || async { Ok((self.0.count("[data-testid='signin-submit']").await? == 0).then_some(())) };
        self.0.until("they are signed in", gone).await
    }

    /// Signs out by the user menu.
    pub async fn sign_out(&self) -> Result<()> {
        self.0.click("user-menu").await?;
        self.0.click("sign-out").await?;
        self.0.find("signin-email").await.map(drop)
    }
}
