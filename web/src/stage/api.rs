//! The API as a test answers for it: `fetch` of the page, put in the place of the browser's while this lives. Each request waits
//! until the test answers it, so that a test sees what is shown meanwhile.

use std::cell::RefCell;
use std::rc::Rc;

use contract::problem::Problem;
use futures::channel::oneshot;
use js_sys::{Promise, Reflect};
use leptos::prelude::window;
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Request, Response, ResponseInit, Url};

use super::until;

/// A request that waits for its answer.
pub struct Call {
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its query, without the `?`.
    pub query: String,
    /// The version that it is about, as `If-Match` has it.
    pub version: Option<String>,
    /// Its body; null where there is none.
    pub body: Value,
    reply: oneshot::Sender<Answer>,
}

impl Call {
    /// Answers it.
    pub fn answer(self, status: u16, body: &impl Serialize) {
        // Who asked may have gone.
        let _ = self.reply.send(answer(status, body));
    }
}

/// Status and body of an answer.
pub type Answer = (u16, String);
type Rule = Box<dyn Fn(&Call) -> Option<Answer>>;

/// An answer.
pub fn answer(status: u16, body: &impl Serialize) -> Answer {
    (status, serde_json::to_string(body).unwrap())
}

/// The requests that wait, and what stands in for `fetch`.
pub struct Api {
    waiting: Rc<RefCell<Vec<Call>>>,
    rules: Rc<RefCell<Vec<Rule>>>,
    before: JsValue,
    _fetch: Closure<dyn Fn(Request) -> Promise>,
}

impl Api {
    /// Takes every request from now on.
    pub fn new() -> Self {
        let waiting = Rc::new(RefCell::new(Vec::<Call>::new()));
        let rules = Rc::new(RefCell::new(Vec::<Rule>::new()));
        let both = (waiting.clone(), rules.clone());
        let fetch: Closure<dyn Fn(Request) -> Promise> = Closure::new(move |request: Request| {
            let (waiting, rules) = both.clone();
            future_to_promise(async move {
                let body = JsFuture::from(request.text()?).await?.as_string().unwrap_or_default();
                let url = Url::new(&request.url())?;
                let (reply, answer) = oneshot::channel();
                let call = Call {
                    method: request.method(),
                    path: url.pathname(),
                    query: url.search().trim_start_matches('?').to_owned(),
                    version: request.headers().get("If-Match")?,
                    body: serde_json::from_str(&body).unwrap_or_default(),
                    reply,
                };
                let known = rules.borrow().iter().find_map(|rule| rule(&call));
                match known {
                    // Whoever waits for it is below.
                    Some(known) => drop(call.reply.send(known)),
                    None => waiting.borrow_mut().push(call),
                }
                let (status, body) = answer.await.map_err(|_| JsValue::from_str("the test has ended"))?;
                let init = ResponseInit::new();
                init.set_status(status);
                Response::new_with_opt_str_and_init(Some(&body), &init).map(JsValue::from)
            })
        });
        let before = Reflect::get(&window(), &"fetch".into()).unwrap();
        put(fetch.as_ref());
        Self { waiting, rules, before, _fetch: fetch }
    }

    /// Answers by itself what a rule has an answer for.
    pub fn answers(&self, rule: impl Fn(&Call) -> Option<Answer> + 'static) {
        self.rules.borrow_mut().push(Box::new(rule));
    }

    /// The next request to a path, waited for.
    pub async fn asked(&self, method: &str, path: &str) -> Call {
        let fits = |call: &Call| call.method == method && call.path == path;
        until(&format!("{method} {path}"), || self.waiting.borrow().iter().any(fits)).await;
        let mut waiting = self.waiting.borrow_mut();
        let at = waiting.iter().position(fits).unwrap();
        waiting.remove(at)
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        put(&self.before);
    }
}

fn put(fetch: &JsValue) {
    Reflect::set(&window(), &"fetch".into(), fetch).unwrap();
}

/// An error as the API tells it.
pub fn problem(status: u16, code: &str, detail: &str) -> Problem {
    Problem {
        kind: format!("/problems/{code}"),
        title: "It could not be done".to_owned(),
        status,
        code: code.to_owned(),
        detail: detail.to_owned(),
        request_id: "request-7".to_owned(),
        errors: Vec::new(),
    }
}
