//! Forms while they are filled in: nobody is told off for what they have only begun, what was right is judged at each letter, and
//! what is said goes the moment it is mended. What the server alone knows is told by the tests of each form.

use anyhow::Result;
use fantoccini::key::Key;
use testkit::app::OWNER_EMAIL;
use testkit::browser::Browser;

use crate::begun::fleet;
use crate::pages::{Drawer, shown_in_both, signed_in};

/// What is said of a field, and whether it is marked as wrong.
async fn said(browser: &Browser, id: &str) -> Result<(String, Option<String>)> {
    let words = browser.find_css(&format!("#{id}-error")).await?.text().await?;
    Ok((words, browser.find_css(&format!("#{id}")).await?.attr("aria-invalid").await?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_is_judged_as_it_is_typed() -> Result<()> {
    let app = fleet(5).await?;
    let browser = signed_in(&app, OWNER_EMAIL, "/admin/invitations", (1440, 900, false)).await?;
    browser.click("invite").await?;
    let (id, right) = ("invite-email", (String::new(), None));
    let field = browser.find(id).await?;
    field.send_keys("ana@").await?;
    assert_eq!(said(&browser, id).await?, right, "they have only begun");
    field.send_keys("example.com").await?;
    assert_eq!(said(&browser, id).await?, right);
    field.send_keys("@").await?;
    let wrong = || async {
        let (words, marked) = said(&browser, id).await?;
        Ok((words.contains("e-mail address") && marked.as_deref() == Some("true")).then_some(()))
    };
    browser.until("it says so before the field is left", wrong).await?;
    assert_eq!(field.attr("aria-describedby").await?.as_deref(), Some("invite-email-error"));
    shown_in_both(&browser, "46-form-wrong").await?;
    field.send_keys(&char::from(Key::Backspace).to_string()).await?;
    browser.until("it is mended", || async { Ok((said(&browser, id).await? == right).then_some(())) }).await?;
    assert_eq!(field.prop("value").await?.as_deref(), Some("ana@example.com"));

    // A form that is sent with something wrong says so at its field, and nothing is lost.
    browser.goto(&format!("{}/admin/teams", app.url())).await?;
    let (drawer, long) = (Drawer(&browser), "D".repeat(contract::teams::NAME_MAX + 1));
    drawer.begin().await?;
    browser.fill("team-name", &long).await?;
    browser.click("team-save").await?;
    let wrong = || async { Ok(said(&browser, "team-name").await?.0.contains("At most 80").then_some(())) };
    browser.until("it is too long", wrong).await?;
    assert_eq!(browser.find("team-name").await?.prop("value").await?, Some(long));
    browser.fill("team-name", "Design").await?;
    drawer.save("team-save", "Design").await?;
    browser.close().await?;
    app.stop().await
}
