//! CBOR as Smithy's RPC v2 writes it: maps with text keys, times as epoch seconds under tag 1.
//!
//! Requests become JSON values, so that one reader serves every protocol; answers are written straight from their arrays.

use std::convert::Infallible;

use minicbor::{
    data::{IanaTag, Type},
    decode::{Decoder, Error},
    encode::{Encoder, Error as WriteError},
};
use serde_json::{Map, Value};

use super::tree::Tree;

/// Deeper bodies are no requests.
const DEEPEST: usize = 16;

/// A body as a JSON value; `None` when it is none. An empty body is an empty map.
pub(super) fn value(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    let mut decoder = Decoder::new(body);
    let value = read(&mut decoder, 0).ok()?;
    (decoder.position() == body.len()).then_some(value)
}

fn read(decoder: &mut Decoder<'_>, depth: usize) -> Result<Value, Error> {
    if depth > DEEPEST {
        return Err(Error::message("too deep"));
    }
    Ok(match decoder.datatype()? {
        Type::Map | Type::MapIndef => {
            let count = decoder.map()?;
            let mut map = Map::new();
            while more(decoder, count, map.len())? {
                let name = text(decoder)?;
                map.insert(name, read(decoder, depth + 1)?);
            }
            Value::Object(map)
        }
        Type::Array | Type::ArrayIndef => {
            let count = decoder.array()?;
            let mut items = Vec::new();
            while more(decoder, count, items.len())? {
                items.push(read(decoder, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Tag => {
            decoder.tag()?;
            read(decoder, depth + 1)?
        }
        Type::String | Type::StringIndef => Value::String(text(decoder)?),
        Type::Bool => Value::Bool(decoder.bool()?),
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Value::Null
        }
        Type::F16 | Type::F32 | Type::F64 => Value::from(decoder.f64()?),
        Type::Int | Type::U64 => {
            i64::try_from(decoder.int()?).map(Value::from).map_err(|_| Error::message("too large"))?
        }
        Type::U8 | Type::U16 | Type::U32 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => Value::from(decoder.i64()?),
        _ => return Err(Error::message("not of a request")),
    })
}

/// Whether another item follows; takes the end mark of lists without a count. A repeated key makes a map look shorter
/// than its count and the body unreadable.
fn more(decoder: &mut Decoder<'_>, count: Option<u64>, read: usize) -> Result<bool, Error> {
    match count {
        Some(count) => Ok((read as u64) < count),
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn text(decoder: &mut Decoder<'_>) -> Result<String, Error> {
    decoder.str_iter()?.collect::<Result<Vec<_>, _>>().map(|parts| parts.concat())
}

/// An answer's body.
pub(super) fn write(answer: &Tree<'_>) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = push(&mut encoder, answer);
    encoder.into_writer()
}

fn push(out: &mut Encoder<Vec<u8>>, tree: &Tree<'_>) -> Result<(), WriteError<Infallible>> {
    match tree {
        Tree::Text(text) => out.str(text)?,
        Tree::Number(number) => out.f64(*number)?,
        Tree::Time(at) => out.tag(IanaTag::Timestamp)?.i64(*at)?,
        Tree::List(items) => {
            out.array(items.len() as u64)?;
            for item in items {
                push(out, item)?;
            }
            return Ok(());
        }
        Tree::Numbers(numbers) => {
            out.array(numbers.len() as u64)?;
            for number in *numbers {
                out.f64(*number)?;
            }
            return Ok(());
        }
        Tree::Times(times) => {
            out.array(times.len() as u64)?;
            for at in *times {
                out.tag(IanaTag::Timestamp)?.i64(*at)?;
            }
            return Ok(());
        }
        Tree::Map(members) => {
            out.map(members.len() as u64)?;
            for (name, member) in members {
                out.str(name)?;
                push(out, member)?;
            }
            return Ok(());
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_become_values() {
        let mut out = Encoder::new(Vec::new());
        out.begin_map().unwrap().str("Start").unwrap().tag(IanaTag::Timestamp).unwrap().f64(1.5).unwrap();
        out.str("List").unwrap().array(2).unwrap().i64(-3).unwrap().bool(true).unwrap();
        out.str("Open").unwrap().begin_array().unwrap().str("a").unwrap().end().unwrap();
        out.str("None").unwrap().null().unwrap().end().unwrap();
        let body = out.into_writer();
        let wanted = json!({ "Start": 1.5, "List": [-3, true], "Open": ["a"], "None": null });
        assert_eq!(value(&body), Some(wanted));
        assert_eq!(value(b""), Some(json!({})));
        for cut in 1..body.len() {
            assert_eq!(value(&body[..cut]), None, "cut at {cut}");
        }
        assert_eq!(value(&[0x81; 100]), None, "a list in a list in a list …");
        assert_eq!(value(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None, "a map without end");
    }

    #[test]
    fn answers_are_read_again() {
        let tree = Tree::Map(vec![
            ("Values", Tree::Numbers(&[0.0, 2.5])),
            ("Timestamps", Tree::Times(&[1_767_225_600])),
            ("Items", Tree::List(vec![Tree::text("x"), Tree::Number(1.0), Tree::Time(7)])),
        ]);
        let body = write(&tree);
        let wanted = json!({ "Values": [0.0, 2.5], "Timestamps": [1_767_225_600], "Items": ["x", 1.0, 7] });
        assert_eq!(value(&body), Some(wanted));
        assert_eq!(&body[..2], [0xa3, 0x66], "a map of three, a text of six");
    }
}
