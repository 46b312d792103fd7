//! The Query protocol: `A.member.1.B=x` in a form becomes `{"A":[{"B":"x"}]}`, answers become XML with `<member>`s.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value};

use super::{
    error::escape,
    tree::{Tree, iso, odd},
};

/// What a name of a form leads to.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

/// A form as a value in which everything is text; `None` when it is none.
pub(super) fn value(body: &[u8]) -> Option<Value> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
    let mut root = Node::default();
    for (name, text) in pairs {
        let mut node = &mut root;
        for part in name.split('.').take(16) {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(text);
    }
    Some(root.into_value())
}

impl Node {
    fn into_value(mut self) -> Value {
        if let Some(members) = self.children.remove("member") {
            let mut items: Vec<(u32, Value)> = members
                .children
                .into_iter()
                .filter_map(|(place, node)| Some((place.parse().ok()?, node.into_value())))
                .collect();
            items.sort_by_key(|(place, _)| *place);
            return Value::Array(items.into_iter().map(|(_, item)| item).collect());
        }
        match self.text {
            Some(text) if self.children.is_empty() => Value::String(text),
            _ => Value::Object(
                self.children.into_iter().map(|(name, node)| (name, node.into_value())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// An answer as the result of an operation.
pub(super) fn wrap(operation: &str, namespace: &str, request_id: &str, answer: &Tree<'_>) -> String {
    let mut out = format!("<{operation}Response xmlns=\"{namespace}\"><{operation}Result>");
    push(&mut out, answer);
    let _ = write!(
        out,
        "</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    );
    out
}

fn push(out: &mut String, tree: &Tree<'_>) {
    match tree {
        Tree::Text(text) => out.push_str(&escape(text)),
        Tree::Number(number) => push_number(out, *number),
        Tree::Time(at) => out.push_str(&iso(*at)),
        Tree::List(items) => push_members(out, items, |out, item| push(out, item)),
        Tree::Numbers(numbers) => push_members(out, numbers, |out, number| push_number(out, *number)),
        Tree::Times(times) => push_members(out, times, |out, at| out.push_str(&iso(*at))),
        Tree::Map(members) => {
            for (name, member) in members {
                let _ = write!(out, "<{name}>");
                push(out, member);
                let _ = write!(out, "</{name}>");
            }
        }
    }
}

fn push_members<T>(out: &mut String, items: &[T], push: impl Fn(&mut String, &T)) {
    for item in items {
        out.push_str("<member>");
        push(out, item);
        out.push_str("</member>");
    }
}

fn push_number(out: &mut String, number: f64) {
    let _ = if number.is_finite() { write!(out, "{number:?}") } else { write!(out, "{}", odd(number)) };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_become_values() {
        let form = "Action=GetMetricData&Q.member.2.Id=b&Q.member.1.Id=a&Q.member.10.Id=c&\
                    Q.member.1.M.D.member.1.Name=X&End=2026-01-14T00%3A00%3A00Z";
        let wanted = json!({
            "Action": "GetMetricData", "End": "2026-01-14T00:00:00Z",
            "Q": [{ "Id": "a", "M": { "D": [{ "Name": "X" }] } }, { "Id": "b" }, { "Id": "c" }],
        });
        assert_eq!(value(form.as_bytes()), Some(wanted));
    }

    #[test]
    fn answers_become_xml() {
        let tree = Tree::Map(vec![
            ("Label", Tree::text("a<b")),
            ("Values", Tree::Numbers(&[1.0, f64::NAN])),
            ("Timestamps", Tree::Times(&[1_767_225_600])),
        ]);
        let wanted = "<GoResponse xmlns=\"n\"><GoResult><Label>a&lt;b</Label><Values><member>1.0</member>\
                      <member>NaN</member></Values><Timestamps><member>2026-01-01T00:00:00Z</member></Timestamps>\
                      </GoResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GoResponse>";
        assert_eq!(wrap("Go", "n", "r", &tree), wanted);
    }
}
