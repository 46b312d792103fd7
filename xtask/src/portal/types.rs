//! Takes out of a part the types that it does not use: each is cut with those of the whole program. Not: where a program is cut
//! (see `split.rs`).

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, ensure};
use wasm_encoder::Module;
use wasm_encoder::reencode::{Error, Reencode};
use wasmparser::{Parser, TypeSectionReader};

/// A part with the types that it uses and no others.
///
/// # Errors
/// When it is no module, or groups its types.
pub fn without_unused_types(part: &[u8]) -> Result<Vec<u8>> {
    let written = |types: &mut Types| {
        let mut module = Module::new();
        types.parse_core_module(&mut module, Parser::new(0), part).map_err(|error| anyhow!("{error}"))?;
        Ok::<_, anyhow::Error>(module.finish())
    };
    let mut types = Types { numbers: BTreeMap::new(), found: false, grouped: false };
    written(&mut types)?;
    ensure!(!types.grouped, "the part groups its types");
    for (number, own) in (0..).zip(types.numbers.values_mut()) {
        *own = number;
    }
    types.found = true;
    written(&mut types)
}

/// The types that are used, by their number, with the number that each gets.
struct Types {
    numbers: BTreeMap<u32, u32>,
    /// Whether all of them are known.
    found: bool,
    grouped: bool,
}

impl Reencode for Types {
    type Error = std::convert::Infallible;

    fn type_index(&mut self, number: u32) -> Result<u32, Error> {
        Ok(*self.numbers.entry(number).or_insert(number))
    }

    fn parse_type_section(
        &mut self,
        types: &mut wasm_encoder::TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        for (number, group) in (0..).zip(section) {
            let group = group?;
            self.grouped |= group.is_explicit_rec_group();
            if self.found && self.numbers.contains_key(&number) {
                self.parse_recursive_type_group(types.ty(), group)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, TypeSection, ValType};

    use super::*;

    #[test]
    fn only_what_is_used_stays() {
        let mut types = TypeSection::new();
        for count in 0..50 {
            types.ty().function(vec![ValType::I32; count], []);
        }
        let (mut functions, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
        functions.function(40).function(3);
        exports.export("a", ExportKind::Func, 0).export("b", ExportKind::Func, 1);
        for _ in 0..2 {
            let mut body = Function::new([]);
            body.instructions().end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        let part = module.finish();
        let small = without_unused_types(&part).unwrap();
        assert!(small.len() * 4 < part.len(), "{} of {}", small.len(), part.len());
        wasmparser::validate(&small).unwrap();
        assert_eq!(without_unused_types(&small).unwrap(), small);
        assert!(without_unused_types(b"no module").is_err());
    }
}
