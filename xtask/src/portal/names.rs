//! Gives short names to what the program and its glue know of each other. Those that wasm-bindgen makes end in hashes, which
//! nothing compresses: they are a fortieth of the first load. Not: what the parts of the program know of each other (see
//! `split.rs`), which keeps its names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow, ensure};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{CustomSectionReader, Export, ImportSectionReader, Parser, Payload};

/// The glue, as the program imports it.
const GLUE: &str = "./web_bg.js";
/// How names begin that wasm-bindgen makes for what the program imports.
const IMPORTED: &str = "__wb";
/// How names begin that the compiler makes for what the glue calls.
const CALLED: &str = "_ZN";

/// The glue and the program with short names, and the program without what only tools read.
///
/// # Errors
/// When the program is no module, or the two do not fit each other.
pub fn shortened(glue: &str, program: &[u8]) -> Result<(String, Vec<u8>)> {
    let mut names = Names(BTreeMap::new());
    for (number, name) in made(program)?.into_iter().enumerate() {
        names.0.insert(name, format!("_{number}"));
    }
    let imports = names.0.keys().any(|name| name.starts_with(IMPORTED));
    ensure!(imports, "the program imports nothing from {GLUE}: is the glue called otherwise?");
    let words: BTreeSet<&str> = glue.split(between_words).collect();
    for (name, short) in &names.0 {
        ensure!(words.contains(name.as_str()), "the glue does not know {name}");
        ensure!(!words.contains(short.as_str()), "the glue has a {short} of its own");
    }
    let mut script = String::with_capacity(glue.len());
    for piece in glue.split_inclusive(between_words) {
        let (word, after) = piece.split_at(piece.trim_end_matches(between_words).len());
        script.push_str(names.short(word));
        script.push_str(after);
    }
    let mut module = Module::new();
    names.parse_core_module(&mut module, Parser::new(0), program).map_err(|error| anyhow!("{error}"))?;
    Ok((script, module.finish()))
}

/// Whether a letter of a script belongs to no name.
fn between_words(letter: char) -> bool {
    !(letter.is_alphanumeric() || letter == '_' || letter == '$')
}

/// The names that nobody wrote.
fn made(program: &[u8]) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(program) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if import.module == GLUE && import.name.starts_with(IMPORTED) {
                        names.insert(import.name.to_owned());
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.name.starts_with(CALLED) {
                        names.insert(export.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

/// The short name of each.
struct Names(BTreeMap<String, String>);

impl Names {
    /// The short name; any other stays.
    fn short<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

impl Reencode for Names {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section.into_imports() {
            let import = import?;
            let ty = self.entity_type(import.ty)?;
            let name = if import.module == GLUE { self.short(import.name) } else { import.name };
            imports.import(import.module, name, ty);
        }
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error> {
        let (kind, index) = (self.export_kind(export.kind)?, self.external_index(export.kind, export.index)?);
        exports.export(self.short(export.name), kind, index);
        Ok(())
    }

    /// Nothing that runs the program reads them.
    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CodeSection, CustomSection, EntityType, ExportKind, Function, FunctionSection, TypeSection};

    use super::*;

    const IMPORT: &str = "__wbg_get_0123456789abcdef";
    const EXPORT: &str = "_ZN5shims17h0123456789abcdefE";

    /// A program that imports a function from the glue and one from the script that fetches parts, and has a function that is
    /// known by two names.
    fn program(glue: &str) -> Vec<u8> {
        let (mut types, mut imports, mut exports) = (TypeSection::new(), ImportSection::new(), ExportSection::new());
        types.ty().function([], []);
        imports.import(glue, IMPORT, EntityType::Function(0));
        imports.import("./__wasm_split.js", "__wbg_load_jobs", EntityType::Function(0));
        exports.export(EXPORT, ExportKind::Func, 2).export("main", ExportKind::Func, 2);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        functions.function(0);
        let mut body = Function::new([]);
        body.instructions().call(0).call(1).end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.section(&CustomSection { name: "target_features".into(), data: b"many".as_slice().into() });
        module.finish()
    }

    fn script() -> String {
        format!("const import0 = {{ {IMPORT}: function() {{}} }};\nfunction {EXPORT}(a) {{\n  wasm.{EXPORT}(a);\n}}\n")
    }

    /// What a program imports, what it exports, and what else it tells tools.
    fn told(program: &[u8]) -> Vec<String> {
        let mut told = Vec::new();
        for payload in Parser::new(0).parse_all(program) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    told.extend(section.into_imports().map(|import| import.unwrap().name.to_owned()));
                }
                Payload::ExportSection(section) => {
                    told.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
                }
                Payload::CustomSection(section) => told.push(section.name().to_owned()),
                _ => {}
            }
        }
        told
    }

    #[test]
    fn both_get_the_same_short_names_and_what_was_named_by_hand_stays() {
        let (glue, small) = shortened(&script(), &program(GLUE)).unwrap();
        assert_eq!(glue, "const import0 = { _1: function() {} };\nfunction _0(a) {\n  wasm._0(a);\n}\n");
        wasmparser::validate(&small).unwrap();
        assert_eq!(told(&small), ["_1", "__wbg_load_jobs", "_0", "main"]);
    }

    #[test]
    fn a_glue_of_another_program_is_refused() {
        let refused = |glue: &str, program: &[u8]| shortened(glue, program).unwrap_err().to_string();
        assert!(refused(&script().replace(IMPORT, "other"), &program(GLUE)).contains(IMPORT));
        assert!(refused(&script().replace("import0", "_1"), &program(GLUE)).contains("of its own"));
        assert!(refused(&script(), &program("./other.js")).contains(GLUE));
        assert!(shortened(&script(), b"no module").is_err());
    }
}
