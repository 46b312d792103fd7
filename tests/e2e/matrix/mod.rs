//! Every page in both themes for each role: with nothing there yet, and in each state that it can be in: with everything there,
//! waiting for the API, with an API that fails or refuses, without a network. Each shows what that state promises, keeps nobody
//! out, and is kept as a picture in both; the browser complains about none.
//!
//! What the API answers is played in the page (`stage.js`), so that a state takes as long as the page takes to show it. Every
//! page is gone to for every role and state, and must show what `Shown::lacks` asks for. axe then judges it in the light by all
//! of its rules, and in the dark, where the same elements are seen in other colours, by those that look at colours; by all of
//! them where other elements are seen. What looks like something that was judged already, but for numbers, times and whose it
//! is, is not judged again; the picture of it is named in `matrix-….txt` beside the others. Two browsers go at once and share
//! what was judged. To add a page: a line in `table`.

pub mod filled;
pub mod table;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;

use anyhow::{Context as _, Result, ensure};
use domain::access::Role;
use serde::Deserialize;
use serde_json::{from_value, json};
use testkit::accessibility::{colour_violations, violations};
use testkit::app::{OWNER_EMAIL, TestApp};
use testkit::browser::{Browser, artefacts};

use self::filled::{Person, filled, fresh};
use self::table::{FORMS, Form, GATES, PAGES, Page};
use crate::pages::{SignInPage, fits, shown};

/// What is set up in a page that is walked through.
pub const STAGE: &str = include_str!("stage.js");
const WIDE: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);

/// What a page is met in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As the API answers.
    AsItIs,
    /// The API has not answered yet.
    Waiting,
    /// It fails.
    Failed,
    /// It refuses.
    Refused,
    /// There is no network.
    Offline,
}

impl State {
    const ALL: [Self; 5] = [Self::AsItIs, Self::Waiting, Self::Failed, Self::Refused, Self::Offline];

    /// Its name for `stage.js` and in pictures.
    fn name(self) -> &'static str {
        match self {
            Self::AsItIs => "as_it_is",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Offline => "offline",
        }
    }
}

/// What `stage.js` says a page shows.
#[derive(Debug, Deserialize)]
struct Shown {
    page: String,
    frame: String,
    still: bool,
    path: String,
    title: String,
    headings: u32,
    waits: bool,
    failed: bool,
    again: bool,
    refused: bool,
    unreachable: bool,
    cut_off: bool,
    stopped: bool,
    wider: i64,
}

impl Shown {
    /// What it should show and does not.
    fn lacks(&self, page: &Page, state: State, role: Role) -> Vec<String> {
        let mut lacks = Vec::new();
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                lacks.push(what.to_owned());
            }
        };
        expect(self.still, "it does not come to rest");
        expect(!self.stopped, "the portal stopped");
        expect(self.headings == 1, "it has not one heading");
        expect(self.title.ends_with("Wheelhouse"), "it has no title");
        expect(self.wider <= 0, "it is wider than the window");
        if page.leads_on(role) {
            expect(self.path != "/", "it should have led on");
            return lacks;
        }
        if !page.open_to(role) {
            // Where it is the API that refuses, it must have answered.
            let answered = matches!(state, State::AsItIs | State::Refused);
            expect(!answered || self.refused, "it should say that this role may not see it");
            return lacks;
        }
        let reads = page.reads;
        match state {
            State::AsItIs => expect(!self.failed && !self.refused && !self.unreachable, "something failed"),
            State::Waiting => expect(!reads || self.waits, "nothing says that it waits"),
            State::Failed => expect(!reads || self.again, "it offers no other try"),
            State::Refused => expect(!reads || self.refused, "it should say that one may not see it"),
            State::Offline => {
                expect(self.cut_off || page.route.is_empty(), "no banner says that there is no network");
                expect(!reads || (self.unreachable && self.again), "it should say that the server can't be reached");
            }
        }
        lacks
    }
}

/// One of the things that were looked at, as its picture is called.
struct Name<'a>(&'a str, State, &'a str, &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}-{}", self.0, self.1.name(), self.2, self.3)
    }
}

/// What walks that go on at once found together.
#[derive(Default)]
struct Found {
    /// The pages that were judged, and the picture of each.
    seen: HashMap<String, String>,
    /// What was judged around them.
    frames: HashSet<String>,
    faults: Vec<String>,
    index: Vec<String>,
}

impl Found {
    /// Whether this look, named so, is to be judged: nobody judged its page or what is around it, nor is about to.
    fn is_new(&mut self, name: &str, page: String, frame: String) -> bool {
        let framed = !self.frames.insert(frame);
        if let Some(picture) = self.seen.get(&page).filter(|_| framed) {
            self.index.push(format!("{name} {picture}"));
            return false;
        }
        self.index.push(format!("{name} {name}"));
        self.seen.insert(page, name.to_owned());
        true
    }

    /// Fails over everything that was found.
    fn end(self, name: &str) -> Result<()> {
        std::fs::write(artefacts().join("screenshots").join(format!("matrix-{name}.txt")), self.index.join("\n"))?;
        let (looked, judged) = (self.index.len(), self.seen.len());
        ensure!(self.faults.is_empty(), "{looked} looked at, {judged} judged:\n{}", self.faults.join("\n"));
        ensure!(looked > PAGES.len(), "{looked} pages");
        Ok(())
    }
}

/// A walk through the portal.
struct Walk<'a> {
    app: &'a TestApp,
    browser: &'a Browser,
    found: &'a RefCell<Found>,
    route: &'static str,
}

impl<'a> Walk<'a> {
    async fn begin(app: &'a TestApp, browser: &'a Browser, found: &'a RefCell<Found>) -> Result<Self> {
        let still = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        browser.devtools("Emulation.setEmulatedMedia", still).await?;
        Ok(Self { app, browser, found, route: "" })
    }

    /// Goes on as that person.
    async fn become_person(&mut self, person: &Person) -> Result<()> {
        self.browser.hold_session(self.app.url(), &person.session).await?;
        self.browser.goto(&format!("{}/profile/appearance", self.app.url())).await?;
        self.route = "/profile/:part?";
        self.browser.find_css("main h1").await?;
        self.browser.client().execute(STAGE, Vec::new()).await?;
        Ok(())
    }

    /// Looks at every page in that state.
    async fn pages(&mut self, person: &Person, state: State, clothes: &str) -> Result<()> {
        let offline = state == State::Offline;
        if offline {
            self.browser.offline(true).await?;
        }
        for page in PAGES {
            let Some(address) = page.address(&person.ids) else { continue };
            self.page(person, (page, &address), state, clothes)
                .await
                .with_context(|| format!("{} {state:?}", page.name))?;
        }
        if offline {
            self.browser.offline(false).await?;
        }
        Ok(())
    }

    async fn page(
        &mut self,
        person: &Person,
        (page, address): (&Page, &str),
        state: State,
        clothes: &str,
    ) -> Result<()> {
        let visit = "const [path, plays, stays, done] = arguments; stage.visits(path, plays, stays).then(done, (error) => done(String(error)));";
        let stays = page.route == self.route;
        let asked = vec![json!(address), json!(state.name()), json!(stays)];
        let shown: Shown = from_value(self.browser.client().execute_async(visit, asked).await?)?;
        self.route = page.route;
        let who = format!("{}{clothes}", person.role);
        let name = Name(&who, state, page.name, "light").to_string();
        let is_new = {
            let mut found = self.found.borrow_mut();
            let lacks = shown.lacks(page, state, person.role);
            found.faults.extend(lacks.into_iter().map(|fault| format!("{name}: {fault}: {shown:?}")));
            found.is_new(&name, format!("{}{clothes}", shown.page), format!("{}{clothes}", shown.frame))
        };
        if !is_new {
            return Ok(());
        }
        let picture = format!("matrix/{name}");
        self.browser.picture(&picture).await?;
        self.blame(&picture, violations(self.browser).await?);
        // The next visit puts on the light again.
        if clothes.is_empty() {
            let alike = self.wear("dark").await?;
            let picture = format!("matrix/{}", Name(&who, state, page.name, "dark"));
            self.browser.picture(&picture).await?;
            let found = if alike { colour_violations(self.browser).await? } else { violations(self.browser).await? };
            self.blame(&picture, found);
        }
        Ok(())
    }

    /// Puts on that theme: whether one sees the same elements in it.
    async fn wear(&self, theme: &str) -> Result<bool> {
        let wear = "const [theme, done] = arguments; stage.wears(theme).then(done);";
        Ok(from_value(self.browser.client().execute_async(wear, vec![json!(theme)]).await?)?)
    }

    fn blame(&self, picture: &str, found: Vec<String>) {
        let faults = found.into_iter().map(|one| format!("{picture} keeps people out: {one}"));
        self.found.borrow_mut().faults.extend(faults);
    }

    /// Takes what the browser complained about.
    async fn end(self) -> Result<()> {
        let complaints = self.browser.complaints().await?;
        self.found.borrow_mut().faults.extend(complaints);
        Ok(())
    }
}

/// One walk: as each of these people, in each state.
async fn in_each_state(app: &TestApp, people: &[&Person], found: &RefCell<Found>) -> Result<()> {
    let browser = Browser::open(WIDE.0, WIDE.1, false).await?;
    let mut walk = Walk::begin(app, &browser, found).await?;
    for person in people {
        walk.become_person(person).await?;
        for state in State::ALL {
            walk.pages(person, state, "").await?;
        }
        if on_a_phone(person) {
            browser.client().set_window_size(PHONE.0, PHONE.1).await?;
            walk.become_person(person).await?;
            walk.pages(person, State::AsItIs, "-phone").await?;
            browser.client().set_window_size(WIDE.0, WIDE.1).await?;
        }
    }
    walk.end().await?;
    browser.close().await
}

/// Who looks at the portal on a phone, too: who sees most, and who sees least.
fn on_a_phone(person: &Person) -> bool {
    matches!(person.role, Role::Owner | Role::Member)
}

/// Those who look at it on a phone, too, have as far to go as all the others. Most of what one sees is what another saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_in_each_state_for_every_role() -> Result<()> {
    let (app, people) = filled(Role::ALL).await?;
    let (phones, others): (Vec<_>, Vec<_>) = people.iter().partition(|person| on_a_phone(person));
    let found = RefCell::default();
    tokio::try_join!(in_each_state(&app, &phones, &found), in_each_state(&app, &others, &found))?;
    found.into_inner().end("filled")?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_a_fresh_installation() -> Result<()> {
    let (app, people) = fresh(Role::ALL).await?;
    let found = RefCell::default();
    let browser = Browser::open(WIDE.0, WIDE.1, false).await?;
    let mut walk = Walk::begin(&app, &browser, &found).await?;
    for person in &people {
        walk.become_person(person).await?;
        walk.pages(person, State::AsItIs, "-fresh").await?;
    }
    walk.end().await?;
    browser.close().await?;
    found.into_inner().end("fresh")?;
    app.stop().await
}

/// The pages before one is signed in, wide and dark, and on a phone; their forms where nobody takes them, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_before_the_door() -> Result<()> {
    let (app, _) = fresh(&[]).await?;
    for (clothes, (width, height), dark) in [("dark", WIDE, true), ("light", WIDE, false), ("phone", PHONE, false)] {
        let browser = Browser::open(width, height, dark).await?;
        for (name, _, address) in GATES {
            // Another page in between, as an address that differs behind its `#` alone is not loaded again.
            browser.goto("about:blank").await?;
            browser.goto(&format!("{}{address}", app.url())).await?;
            browser.find_css("main h1").await?;
            fits(&browser).await?;
            shown(&browser, &format!("matrix/nobody-{name}-{clothes}")).await?;
        }
        browser.goto(&format!("{}/sign-in", app.url())).await?;
        SignInPage(&browser).sign_in(OWNER_EMAIL, "not the password").await?;
        browser.find_css("[role='alert']").await?;
        shown(&browser, &format!("matrix/nobody-sign-in-refused-{clothes}")).await?;
        for form in FORMS {
            for state in [State::Failed, State::Offline] {
                not_taken(&app, &browser, form, state, clothes)
                    .await
                    .with_context(|| format!("{} {state:?}", form.page))?;
            }
        }
        browser.close().await?;
    }
    app.stop().await
}

/// Sends a form that nobody takes: it says so, and what was typed is still there.
async fn not_taken(app: &TestApp, browser: &Browser, form: &Form, state: State, clothes: &str) -> Result<()> {
    let (name, _, address) = GATES.iter().find(|(name, ..)| *name == form.page).context("a page of the table")?;
    browser.goto("about:blank").await?;
    browser.goto(&format!("{}{address}", app.url())).await?;
    browser.find(form.button).await?;
    browser.client().execute(STAGE, Vec::new()).await?;
    let play = "[stage.plays, stage.sends] = [arguments[0], true];";
    browser.client().execute(play, vec![json!(state.name())]).await?;
    for (field, text) in form.fields {
        browser.fill(field, text).await?;
    }
    browser.click(form.button).await?;
    let said = browser.find_css("main [role='alert']").await?.text().await?;
    let words = if state == State::Offline { "Check the network connection" } else { "The request id finds it" };
    ensure!(said.contains(words), "it says {said:?}");
    for (field, text) in form.fields {
        let kept = browser.find(field).await?.prop("value").await?;
        ensure!(kept.as_deref() == Some(*text), "{field} holds {kept:?}");
    }
    fits(browser).await?;
    shown(browser, &format!("matrix/nobody-{name}-{}-{clothes}", state.name())).await
}
