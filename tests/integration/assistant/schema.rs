//! The schema under which a model plans, as `services::assistant` makes it, and the grammar by which our own model's
//! service holds an answer to a schema: that it takes this one, however many names are in it, and what it lets through.

use ai_service::engine::scripted::{END, VOCABULARY};
use ai_service::grammar::{Constraint, Grammars, Shape};
use ai_service::prompt::bytes::Bytes;
use anyhow::{Context as _, Result};
use domain::assistant::rules::Lexicon;
use serde_json::{Value, json};
use services::assistant::planner::{PROMPT, parse, plan_schema};

/// Most names of a kind in a schema, and most characters of one.
const MOST: usize = 60;
const LONGEST: usize = 256;

fn account(number: usize) -> String {
    format!("\"Prod\" {number}, Zürich \\ 東京")
}

fn team(number: usize) -> String {
    format!("Data {number}\" }}, \"x\": {{ <|end|>")
}

/// So many names of each kind, some of them with what means something in JSON.
fn lexicon(names: usize) -> Lexicon {
    let each = |name: fn(usize) -> String| (1..=names).map(name).collect();
    let pairs = |key: fn(usize) -> String, value: fn(usize) -> String| {
        (1..=names).map(|number| (key(number), value(number))).collect()
    };
    Lexicon {
        accounts: each(account),
        regions: each(|number| format!("eu-central-{number}")),
        bundles: pairs(|number| format!("wsb-{number:09}"), |number| format!("Standard {number}")),
        directories: pairs(|number| format!("d-{number:010}"), |number| format!("corp{number}.example.com")),
        tags: pairs(|_| "Team".to_owned(), team),
        ..Lexicon::default()
    }
}

/// A plan that names the one of that number of each kind.
fn naming(number: usize) -> Value {
    let filters = json!({
        "states": ["STOPPED", "AVAILABLE"],
        "regions": [format!("eu-central-{number}")],
        "accounts": [account(number)],
        "bundles": [format!("wsb-{number:09}")],
        "directories": [format!("d-{number:010}")],
        "tag": ["Team", team(number)],
    });
    json!({ "calls": [{ "tool": "fleet", "filters": filters, "by": "region" }] })
}

fn may(constraint: &mut Constraint, token: u32) -> Result<bool> {
    let mask = constraint.mask()?;
    let bits = mask.get(token as usize / 32).context("a token of the model")?;
    Ok(bits & (1 << (token % 32)) != 0)
}

/// Whether a model that is held to the schema can say that, and end there.
fn can_be_said(grammars: &Grammars, schema: &Value, text: &str) -> Result<bool> {
    let mut constraint = grammars.constraint(&Shape::Schema(schema.clone()))?;
    for byte in text.bytes() {
        if constraint.is_over() || !may(&mut constraint, byte.into())? {
            return Ok(false);
        }
        constraint.take(byte.into())?;
    }
    Ok(constraint.is_over() || may(&mut constraint, END)?)
}

#[test]
fn our_own_service_takes_the_schema_of_plans_however_many_names_there_are() -> Result<()> {
    let grammars = Grammars::new(&Bytes::new(), VOCABULARY)?;
    let plans = [
        r#"{"calls":[{"tool":"cost","period":{"month":"2026-10"},"compared_with":{"month":"2026-09"}}]}"#,
        r#"{"calls":[{"tool":"usage","period":{"days":["2026-11-01","2026-11-07"]},"by":"workspace","measure":"most","top":5}]}"#,
        r#"{"calls":[{"tool":"workspace","workspace":"j.smith"}]}"#,
        r#"{"calls":[{"tool":"forecast"},{"tool":"savings"},{"tool":"jobs"}]}"#,
    ];
    let none = [
        "Sure! ",
        r#"{"calls":[]}"#,
        r#"{"calls":[{"tool":"terminate"}]}"#,
        r#"{"calls":[{"tool":"fleet","sql":"DROP TABLE workspace"}]}"#,
        r#"{"calls":[{"tool":"fleet","filters":{"states":["MELTED"]}}]}"#,
        r#"{"calls":[{"tool":"fleet","filters":{"regions":["mars-north-1"]}}]}"#,
        r#"{"calls":[{"tool":"fleet","filters":{"tag":["Owner","x"]}}]}"#,
        r#"{"calls":[{"tool":"fleet","top":200}]}"#,
        r#"{"calls":[{"tool":"cost","period":{"month":"2026-13"}}]}"#,
        r#"{"calls":[{"tool":"workspace","workspace":"<script>"}]}"#,
        r#"{"calls":[{"tool":"fleet"},{"tool":"fleet"},{"tool":"fleet"},{"tool":"fleet"}]}"#,
    ];
    for names in [0, 1, MOST] {
        let lexicon = lexicon(names);
        let schema = plan_schema(&lexicon);
        let named = (names > 0).then(|| naming(names).to_string());
        for plan in plans.iter().copied().chain(named.as_deref()) {
            assert!(can_be_said(&grammars, &schema, plan)?, "with {names} names of each kind: {plan}");
            assert!(parse(plan, &lexicon).is_some(), "it is a plan: {plan}");
        }
        let unknown = naming(names + 1).to_string();
        for plan in none.iter().copied().chain([unknown.as_str()]) {
            assert!(!can_be_said(&grammars, &schema, plan)?, "with {names} names of each kind: {plan}");
        }
        for (at, _) in PROMPT.match_indices("{\"calls\"") {
            let example = PROMPT[at..].split_once("}]}").context("an end")?.0;
            assert!(can_be_said(&grammars, &schema, &format!("{example}}}]}}"))?, "{example}");
        }
    }
    Ok(())
}

#[test]
fn it_takes_names_that_are_as_long_as_they_get() -> Result<()> {
    let grammars = Grammars::new(&Bytes::new(), VOCABULARY)?;
    let name = |number: usize, end: char| format!("{number:03}{}{end}", "ž".repeat(LONGEST - 4));
    let names: Vec<String> = (1..=MOST).map(|number| name(number, 'a')).collect();
    let tags = names.iter().map(|name| ("Team".to_owned(), name.clone())).collect();
    let lexicon = Lexicon { accounts: names, tags, ..Lexicon::default() };
    let schema = plan_schema(&lexicon);
    let plan = |account: &str, team: &str| {
        let filters = json!({ "accounts": [account], "tag": ["Team", team] });
        json!({ "calls": [{ "tool": "fleet", "filters": filters }] }).to_string()
    };
    let (first, last, other) = (name(1, 'a'), name(MOST, 'a'), name(MOST, 'b'));
    let known = plan(&last, &first);
    assert!(can_be_said(&grammars, &schema, &known)? && parse(&known, &lexicon).is_some());
    // But for their last letter they are names.
    assert!(!can_be_said(&grammars, &schema, &plan(&other, &first))?);
    assert!(!can_be_said(&grammars, &schema, &plan(&last, &other))?);
    Ok(())
}
