//! Conversations in the form the model was trained on: the file's Jinja template, or Phi-3's own form where the file has
//! none that can be used.
//!
//! A template never sees what was said: it gets a placeholder for each message, and gives back [`Span`]s, so that text can
//! neither become a mark nor steer the template. A template that fails, runs on, or leaves a message out (early Phi-3
//! files leave out what the system says, and with it the facts) is not used. It is code of whoever made the file: it has
//! a budget of steps and no way to files, time or network. (Joining a text to itself again and again is not bounded by that:
//! the file is the operator's choice.)

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};

use crate::files::error::shown;
use crate::prompt::TemplateError;

/// Steps a template may take for one conversation, and more for each message.
const STEPS: u64 = 20_000;
const STEPS_PER_MESSAGE: u64 = 2_000;
/// Longest template, and longest text it may write of its own, in bytes.
const LONGEST: usize = 64 * 1024;
const LONGEST_WRITTEN: usize = 1 << 20;
/// Around the number of a message in its placeholder: from the planes for private use.
const OPEN: char = '\u{F0F0E}';
const CLOSE: char = '\u{F0F0F}';

/// A piece of a rendered conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// The template's own words; marks are looked for here.
    Written(String),
    /// What the message of this number says.
    Said(usize),
}

/// How a model writes a conversation.
pub struct Template {
    environment: Option<Environment<'static>>,
    trouble: Option<String>,
    bos: String,
    eos: String,
}

impl Template {
    /// The template of a file; `bos` and `eos` are what it may put at the beginning and the end.
    #[must_use]
    pub fn new(source: Option<String>, bos: &str, eos: &str) -> Self {
        let (environment, trouble) = match source.map(prepared) {
            None => (None, Some("the file has no chat template".to_owned())),
            Some(Ok(environment)) => (Some(environment), None),
            Some(Err(trouble)) => (None, Some(trouble)),
        };
        let mut template = Self { environment, trouble, bos: bos.to_owned(), eos: eos.to_owned() };
        // What it will be asked for most; one that fails here is of no use.
        if let Err(trouble) = template.rendered(&["system", "user", "assistant", "user"]) {
            template.trouble.get_or_insert(trouble);
        }
        template
    }

    /// Why the file's template is not what every conversation is written with.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The conversation of these roles, open for an answer. `is_mark` says which marks the model knows.
    ///
    /// # Errors
    /// Neither the file's template nor Phi-3's form can be used.
    pub fn render(&self, roles: &[&str], is_mark: impl Fn(&str) -> bool) -> Result<Vec<Span>, TemplateError> {
        let trouble = match self.rendered(roles) {
            Ok(spans) => return Ok(spans),
            Err(trouble) => trouble,
        };
        own(roles, is_mark)
            .ok_or_else(|| TemplateError(format!("this conversation can't be written for the model: {trouble}")))
    }

    fn rendered(&self, roles: &[&str]) -> Result<Vec<Span>, String> {
        let Some(environment) = &self.environment else {
            return Err("the file has no usable chat template".to_owned());
        };
        let mut environment = environment.clone();
        environment.set_fuel(Some(STEPS + STEPS_PER_MESSAGE * roles.len() as u64));
        let messages: Vec<_> = roles
            .iter()
            .enumerate()
            .map(|(number, role)| context! { role => *role, content => format!("{OPEN}{number}{CLOSE}") })
            .collect();
        let template = environment.get_template(NAME).map_err(|error| sentence(&error))?;
        let text = template
            .render(context! { messages, add_generation_prompt => true, bos_token => self.bos.as_str(), eos_token => self.eos.as_str() })
            .map_err(|error| sentence(&error))?;
        if text.len() > LONGEST_WRITTEN {
            return Err("the chat template writes too much".to_owned());
        }
        spans(&text, roles.len())
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("trouble", &self.trouble).finish_non_exhaustive()
    }
}

const NAME: &str = "chat";

fn prepared(source: String) -> Result<Environment<'static>, String> {
    if source.len() > LONGEST {
        return Err("the chat template is too long".to_owned());
    }
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_recursion_limit(64);
    // As Hugging Face sets it.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| sentence(&error))?);
    environment.set_unknown_method_callback(|state, value, method, args| {
        if METHODS.contains(&method) {
            return minijinja_contrib::pycompat::unknown_method_callback(state, value, method, args);
        }
        Err(minijinja::Error::new(ErrorKind::UnknownMethod, format!("no method {method}")))
    });
    functions(&mut environment);
    environment.add_template_owned(NAME, source).map_err(|error| sentence(&error))?;
    Ok(environment)
}

/// What chat templates call on texts and messages. Like the functions a short list on purpose: what makes much out of
/// little (replace, join, format) stays out.
const METHODS: &[&str] = &[
    "strip",
    "lstrip",
    "rstrip",
    "startswith",
    "endswith",
    "lower",
    "upper",
    "title",
    "capitalize",
    "get",
    "items",
    "keys",
    "values",
];

fn functions(environment: &mut Environment<'_>) {
    use minijinja::{filters, functions, tests};
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("default", filters::default);
    environment.add_filter("list", filters::list);
    environment.add_filter("selectattr", filters::selectattr);
    environment.add_filter("rejectattr", filters::rejectattr);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("string", tests::is_string);
    environment.add_test("mapping", tests::is_mapping);
    environment.add_test("iterable", tests::is_iterable);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("number", tests::is_number);
    environment.add_test("true", tests::is_true);
    environment.add_test("false", tests::is_false);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("equalto", tests::is_eq);
    environment.add_test("in", tests::is_in);
    environment.add_function("namespace", functions::namespace);
    environment.add_function("range", functions::range);
    environment.add_function("raise_exception", |message: String| -> Result<String, minijinja::Error> {
        Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
    });
}

fn sentence(error: &minijinja::Error) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => "the chat template takes too many steps".to_owned(),
        _ => format!("the chat template fails: {}", shown(error.detail().unwrap_or("it can't be understood"))),
    }
}

/// A rendered text at its placeholders, each of which must be there once.
fn spans(text: &str, messages: usize) -> Result<Vec<Span>, String> {
    let mut spans = Vec::new();
    let mut seen = vec![false; messages];
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        let Some((number, after)) = behind.split_once(CLOSE) else {
            return Err("the chat template cuts messages apart".to_owned());
        };
        let number: usize = number.parse().map_err(|_| "the chat template changes messages".to_owned())?;
        let seen = seen.get_mut(number).filter(|seen| !**seen);
        let Some(seen) = seen else { return Err("the chat template repeats messages".to_owned()) };
        *seen = true;
        if !before.is_empty() {
            spans.push(Span::Written(before.to_owned()));
        }
        spans.push(Span::Said(number));
        rest = after;
    }
    if seen.contains(&false) {
        return Err("the chat template leaves messages out".to_owned());
    }
    if !rest.is_empty() {
        spans.push(Span::Written(rest.to_owned()));
    }
    Ok(spans)
}

/// Phi-3's own form; `None` where the model lacks its marks.
fn own(roles: &[&str], is_mark: impl Fn(&str) -> bool) -> Option<Vec<Span>> {
    let mut spans = Vec::new();
    for (number, role) in roles.iter().enumerate() {
        let mark = format!("<|{role}|>");
        if !is_mark(&mark) {
            return None;
        }
        spans.push(Span::Written(format!("{mark}\n")));
        spans.push(Span::Said(number));
        spans.push(Span::Written("<|end|>\n".to_owned()));
    }
    if !is_mark("<|end|>") || !is_mark("<|assistant|>") {
        return None;
    }
    spans.push(Span::Written("<|assistant|>\n".to_owned()));
    Some(spans)
}
