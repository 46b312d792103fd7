//! Profile and administration.

use anyhow::{Context as _, Result};
use testkit::browser::Browser;

/// One's own pages.
pub struct ProfilePage<'a>(pub &'a Browser);

impl ProfilePage<'_> {
    /// Goes to a part by the user menu and the tabs.
    pub async fn open(&self, part: &str) -> Result<()> {
        self.0.click("user-menu").await?;
        self.0.click("nav-profile").await?;
        self.0.find_css(&format!("[data-tab='{part}']")).await?.click().await?;
        Ok(())
    }

    /// Fills the drawer of a new key and sends it.
    pub async fn make_key(&self, name: &str, permission: &str) -> Result<()> {
        self.0.click("key-add").await?;
        self.0.fill("key-name", name).await?;
        self.0.find_css(&format!("[data-testid='key-dialog'] input[value='{permission}']")).await?.click().await?;
        self.0.click("key-save").await
    }

    /// Turns codes on as far as the key that the app gets.
    pub async fn begin_codes(&self) -> Result<String> {
        self.0.click("factor-begin").await?;
        self.0.find_css(".qr svg").await?;
        self.0.text("factor-secret").await
    }

    /// Ends that with a code of the app; gives the recovery codes.
    pub async fn confirm_codes(&self, code: &str) -> Result<Vec<String>> {
        self.0.fill("factor-code", code).await?;
        self.0.click("factor-confirm").await?;
        Ok(self.0.text("recovery-codes").await?.lines().map(str::to_owned).collect())
    }
}

/// The question whether it is still the same person.
pub struct StepUp<'a>(pub &'a Browser);

impl StepUp<'_> {
    /// Answers with a password.
    pub async fn answer(&self, password: &str) -> Result<()> {
        self.0.fill("proof-password", password).await?;
        self.0.click("proof-send").await
    }
}

/// The administration.
pub struct AdminPage<'a>(pub &'a Browser);

impl AdminPage<'_> {
    /// Goes to a part by the navigation and the tabs.
    pub async fn open(&self, part: &str) -> Result<()> {
        self.0.click("nav-admin").await?;
        self.0.find_css(&format!("[data-tab='{part}']")).await?.click().await?;
        self.0.find_css(&format!("[data-tab='{part}'][aria-current='page']")).await.map(drop)
    }

    /// Invites somebody as a viewer of everything, which is what the drawer begins with.
    pub async fn invite(&self, email: &str) -> Result<()> {
        self.0.click("invite").await?;
        self.0.fill("invite-email", email).await?;
        self.0.click("invite-send").await?;
        self.0.find_css(&format!("[data-testid='invitation-row'][data-email='{email}']")).await.map(drop)
    }

    /// Opens somebody's page from the list.
    pub async fn open_user(&self, email: &str) -> Result<()> {
        let link = format!("[data-testid='user-row'][data-email='{email}'] a");
        self.0.find_css(&link).await?.click().await?;
        self.0.find("user-name").await.map(drop)
    }

    /// Chooses the role of the first row of the editor and saves.
    pub async fn give_role(&self, role: &str) -> Result<()> {
        let select = self.0.find_css("[data-testid='user-grants'] [data-testid='grant-role']").await?;
        self.0
            .until("the roles to choose from are there", || async {
                let option = format!("[data-testid='grant-role'] option[value='{role}']");
                Ok((self.0.count(&option).await? > 0).then_some(()))
            })
            .await?;
        select.select_by_value(role).await.context("choose the role")?;
        self.0.click("grants-save").await
    }

    /// Lets the first row of the editor reach a part of the fleet: the first that there is of that kind.
    pub async fn reach(&self, kind: &str) -> Result<()> {
        let row = "[data-testid='user-grants'] [data-testid='grant-row']";
        self.0.find_css(&format!("{row} [data-testid='grant-over-what']")).await?.select_by_value(kind).await?;
        let which = format!("{row} [data-testid='grant-which']");
        self.0
            .until("there is one to choose", || async {
                Ok((self.0.count(&format!("{which} option:nth-child(2)")).await? > 0).then_some(()))
            })
            .await?;
        Ok(self.0.find_css(&which).await?.select_by_index(1).await?)
    }
}
