//! The pages before one is signed in: links and codes by mail, invitations, single sign-on.

use anyhow::{Context as _, Result};
use testkit::browser::Browser;
use testkit::oidc::Provider;
use url::Url;

/// Any of them.
pub struct GatePage<'a>(pub &'a Browser);

impl GatePage<'_> {
    /// Accepts the invitation of a link.
    pub async fn accept(&self, link: &str, name: &str, password: &str) -> Result<()> {
        self.0.goto(link).await?;
        self.0.fill("accept-name", name).await?;
        self.new_password(password).await?;
        self.0.click("accept-submit").await?;
        self.0.find("user-menu").await.map(drop)
    }

    /// Asks for the link to a new password.
    pub async fn forget(&self, email: &str) -> Result<()> {
        self.0.click("signin-forgot").await?;
        self.0.fill("forgot-email", email).await?;
        self.0.click("forgot-submit").await?;
        self.0.find("forgot-sent").await.map(drop)
    }

    /// Sets the new password by that link, and goes on to the sign-in.
    pub async fn reset(&self, link: &str, password: &str) -> Result<()> {
        self.0.goto(link).await?;
        self.new_password(password).await?;
        self.0.click("reset-submit").await?;
        self.0.find("reset-done").await?;
        self.0.find_css(".gate-actions a").await?.click().await?;
        Ok(())
    }

    async fn new_password(&self, password: &str) -> Result<()> {
        self.0.fill("new-password", password).await?;
        self.0.fill("new-password2", password).await
    }

    /// Asks for a code by mail.
    pub async fn ask_code(&self, email: &str) -> Result<()> {
        self.0.click("signin-by-mail").await?;
        self.0.fill("mailed-email", email).await?;
        self.0.click("mailed-submit").await?;
        self.0.find("mailed-code").await.map(drop)
    }

    /// Signs in by it.
    pub async fn enter_code(&self, code: &str) -> Result<()> {
        self.0.fill("mailed-code", code).await?;
        self.0.click("mailed-submit").await?;
        self.0.find("user-menu").await.map(drop)
    }
}

/// The provider's page, where the browser was sent: it has none, so what a person would do there is done by its address.
pub struct ProviderPage<'a> {
    browser: &'a Browser,
    /// The address with what was asked.
    pub asked: Url,
}

impl<'a> ProviderPage<'a> {
    /// Waits until the browser is there.
    pub async fn reached(browser: &'a Browser, provider: &Provider) -> Result<Self> {
        let there = |url: Url| Some(url).filter(|url| url.as_str().starts_with(provider.issuer()));
        let asked = browser
            .until("the browser is at the provider", || async { Ok(there(browser.client().current_url().await?)) })
            .await?;
        Ok(Self { browser, asked })
    }

    /// A parameter of that address.
    pub fn parameter(&self, name: &str) -> Result<String> {
        let found = self.asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        found.with_context(|| format!("no {name} in {}", self.asked))
    }

    /// Goes back with what the provider adds, such as `code=c`.
    pub async fn back(&self, answer: &str) -> Result<()> {
        let (to, state) = (self.parameter("redirect_uri")?, self.parameter("state")?);
        self.browser.goto(&format!("{to}?{answer}&state={state}")).await
    }
}
