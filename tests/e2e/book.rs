//! The pictures of the book (`docs/images`), of pages where there is something: taken small, into the folder `book` of the artefacts,
//! from where `cargo xtask book --pictures` brings them into the book. Its pages show these, no more and no fewer.
//!
//! To add one: the name of a page of `matrix::table` in [`OWNERS`] or [`MEMBERS`], or a step in the walk; the picture on a page of the
//! book; that command.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use contract::paths::API_KEYS;
use domain::access::Role;
use serde_json::{Value, from_value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::browser::{Browser, artefacts};
use testkit::outside::root;

use crate::matrix::STAGE;
use crate::matrix::filled::{Person, filled};
use crate::matrix::table::PAGES;
use crate::pages::{Palette, SetupPage};

/// How large a picture is, pixels.
const SIZE: (u32, u32) = (1280, 800);
/// Pages as the owner sees them.
const OWNERS: &[&str] = &[
    "workspaces",
    "workspace-usage",
    "workspace-activity",
    "usage",
    "costs",
    "audit",
    "audit-log",
    "reports",
    "requests",
    "jobs",
    "schedules",
    "data-sets",
    "assistant-talk",
    "accounts",
    "admin-users",
    "admin-roles",
    "admin-settings",
    "admin-keys",
    "admin-invitations",
    "key-new",
    "profile-account",
    "workspace",
];
/// The page over which the palette is opened.
const BEHIND_THE_PALETTE: &[&str] = &["overview"];
/// Pages as somebody sees them who has a desktop.
const MEMBERS: &[&str] = &["desktop"];

/// A window in which pictures are taken.
struct Camera {
    browser: Browser,
    taken: BTreeSet<String>,
}

impl Camera {
    async fn open() -> Result<Self> {
        let browser = Browser::open(SIZE.0, SIZE.1, false).await?;
        let size = json!({ "width": SIZE.0, "height": SIZE.1, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", size).await?;
        browser.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
        let still = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        browser.devtools("Emulation.setEmulatedMedia", still).await?;
        Ok(Self { browser, taken: BTreeSet::new() })
    }

    /// Goes on as that person.
    async fn become_person(&self, app: &TestApp, person: &Person) -> Result<()> {
        self.browser.hold_session(app.url(), &person.session).await?;
        self.browser.goto(&format!("{}/profile/appearance", app.url())).await?;
        self.browser.find_css("main h1").await?;
        self.browser.client().execute(STAGE, Vec::new()).await?;
        Ok(())
    }

    /// Takes each of these pages.
    async fn pages(&mut self, person: &Person, names: &[&str]) -> Result<()> {
        let visit = "const [path, stays, done] = arguments; stage.visits(path, 'as_it_is', stays).then((shown) => done(shown.still));";
        let mut route = "/profile/:part?";
        for name in names {
            let page = PAGES.iter().find(|page| page.name == *name).with_context(|| format!("no page {name}"))?;
            let address = page.address(&person.ids).with_context(|| format!("{name} is about nothing"))?;
            let asked = vec![json!(address), json!(page.route == route)];
            let still: bool = from_value(self.browser.client().execute_async(visit, asked).await?)?;
            ensure!(still, "{name} does not come to rest");
            route = page.route;
            self.take(name).await?;
        }
        Ok(())
    }

    /// Takes what a click opens, once this is there.
    async fn opened(&mut self, click: &str, shows: &str, name: &str) -> Result<()> {
        self.browser.click(click).await?;
        self.browser.find(shows).await?;
        self.browser.client().execute_async("stage.rests().then(arguments[0]);", Vec::new()).await?;
        self.take(name).await
    }

    async fn take(&mut self, name: &str) -> Result<()> {
        let taken = self.browser.devtools("Page.captureScreenshot", json!({ "format": "webp", "quality": 80 })).await?;
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().context("no picture")?)?;
        let (folder, file) = (artefacts().join("book"), format!("{name}.webp"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(&file), picture)?;
        self.taken.insert(file);
        Ok(())
    }
}

/// The pictures that pages of the book show.
fn shown_by_the_book() -> Result<BTreeSet<String>> {
    let (mut shown, mut folders) = (BTreeSet::new(), vec![root().join("docs")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                let text = std::fs::read_to_string(path)?;
                let names = text.split("images/").skip(1).filter_map(|rest| rest.split_once(".webp)"));
                shown.extend(names.map(|(name, _)| format!("{name}.webp")));
            }
        }
    }
    Ok(shown)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_shows_what_people_see() -> Result<()> {
    let fresh = TestAppOptions { simulated_workspaces: 0, portal: true, ..TestAppOptions::default() };
    let fresh = TestApp::start(fresh).await?.context("SQLite is always there")?;
    let mut camera = Camera::open().await?;
    SetupPage(&camera.browser).open(&fresh.setup_link().await?).await?;
    camera.take("first-run").await?;

    let (app, people) = filled(&[Role::Owner, Role::Member]).await?;
    let [owner, member] = people.as_slice() else { anyhow::bail!("{} people", people.len()) };
    let key = json!({ "name": "Nightly figures", "permissions": ["workspace:read", "usage:read"] });
    let _: Value = app.client().post(API_KEYS, &key).await?.ok()?;
    camera.browser.goto(&format!("{}/sign-in", app.url())).await?;
    camera.browser.find("signin-email").await?;
    camera.take("sign-in").await?;
    camera.become_person(&app, owner).await?;
    camera.pages(owner, OWNERS).await?;
    camera.opened("action-reboot", "preview-confirm", "action-preview").await?;
    camera.become_person(&app, owner).await?;
    camera.pages(owner, BEHIND_THE_PALETTE).await?;
    let palette = Palette(&camera.browser);
    palette.open().await?;
    palette.search("st").await?;
    camera.take("palette").await?;
    camera.become_person(&app, member).await?;
    camera.pages(member, MEMBERS).await?;
    camera.opened("ask", "ask-kind", "desktop-ask").await?;

    let Camera { browser, taken } = camera;
    assert_eq!(
        taken,
        shown_by_the_book()?,
        "left: pictures that were taken, right: pictures that pages of the book show"
    );
    browser.close().await?;
    app.stop().await?;
    fresh.stop().await
}
