//! Makes one module of several parts of the program. They were cut from one program for one memory and one table, and say by
//! constants where their data and functions go in these; so nothing but numbers of functions, globals and data changes.
//! Parts call each other through the table, each by little functions of its own that do nothing else: what is in one module
//! afterwards is called directly, and of what stands for the same elsewhere one is enough.
//! Not: which parts go together (see `group.rs`), nor what is cut (see `split.rs`).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, EntityType, ExportSection, FunctionSection,
    ImportSection, Module, NameMap, NameSection, RawSection, SectionId,
};
use wasmparser::{ElementItems, ElementKind, Operator, TypeRef};

use super::part::{Function, Part};

/// One module that is all of `parts`. Of what is not run the names of functions stay, if `names` are wanted.
///
/// # Errors
/// When a part is no module, was not cut from the same program, or has what no part has had so far.
pub fn merged(parts: &[Vec<u8>], names: bool) -> Result<Vec<u8>> {
    let parts: Vec<Part<'_>> = parts.iter().map(|part| Part::read(part)).collect::<Result<_>>()?;
    let types = parts.first().and_then(|part| part.types);
    ensure!(parts.iter().all(|part| part.types == types), "the parts have different types");
    let mut whole = Whole::default();
    for (part, places) in parts.iter().zip(numbered(&parts)?) {
        whole.add(part, &places)?;
    }
    Ok(whole.finish(types.unwrap_or_default(), names))
}

/// Which function of the whole a function of a part is.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    /// Whether it comes with this part; otherwise it is one of another function's.
    comes: bool,
}

/// The places of the functions of each part.
fn numbered(parts: &[Part<'_>]) -> Result<Vec<Vec<Place>>> {
    let mut table = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        table.extend(filled(part)?.into_iter().map(|(place, function)| (place, (at, function))));
    }
    // The function that one stands for, where it is here.
    let meant = |own: &Function<'_>| {
        let &(at, function) = table.get(&own.stands_for?)?;
        let meant = parts[at].functions.get(function)?;
        (meant.ty == own.ty && meant.stands_for.is_none()).then_some((at, function))
    };
    let mut count = 0;
    let mut elsewhere = BTreeMap::new();
    let mut places: Vec<Vec<Option<Place>>> = Vec::new();
    for part in parts {
        let mut own = Vec::new();
        for function in &part.functions {
            let known = function.stands_for.and_then(|place| elsewhere.get(&(place, function.ty)).copied());
            let place = Place { number: known.unwrap_or(count), comes: known.is_none() };
            let stays = meant(function).is_none();
            if stays && place.comes {
                count += 1;
                elsewhere.extend(function.stands_for.map(|at| ((at, function.ty), place.number)));
            }
            own.push(stays.then_some(place));
        }
        places.push(own);
    }
    let place = |at: usize, function: usize| {
        let stands = || {
            let (at, function) = meant(&parts[at].functions[function])?;
            Some(Place { comes: false, ..places[at][function]? })
        };
        places[at][function].or_else(stands)
    };
    let all = |at: usize| (0..parts[at].functions.len()).map(|function| place(at, function)).collect();
    (0..parts.len()).map(all).collect::<Option<_>>().context("a function stands for none")
}

/// The places of the table that a part fills, with the functions that it puts there.
fn filled(part: &Part<'_>) -> Result<Vec<(i32, usize)>> {
    let mut places = Vec::new();
    for element in part.elements.clone().into_iter().flatten() {
        let element = element?;
        let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            continue;
        };
        if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
            for (place, function) in (value..).zip(functions) {
                places.push((place, usize::try_from(function?)?));
            }
        }
    }
    Ok(places)
}

/// What was brought together so far.
#[derive(Default)]
struct Whole<'a> {
    /// In the order of their numbers, each kind by itself.
    globals: Vec<(&'a str, &'a str)>,
    others: Vec<(&'a str, &'a str)>,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    names: NameMap,
}

impl<'a> Whole<'a> {
    fn add(&mut self, part: &Part<'a>, places: &[Place]) -> Result<()> {
        let functions = places.iter().map(|place| place.number).collect();
        let mut numbers = Numbers { functions, data: self.data.len(), globals: self.import(part)? };
        for (function, _) in part.functions.iter().zip(places).filter(|(_, place)| place.comes) {
            self.functions.function(function.ty);
            known(numbers.parse_function_body(&mut self.code, function.body.clone()))?;
        }
        if let Some(section) = part.exports.clone() {
            known(numbers.parse_export_section(&mut self.exports, section))?;
        }
        if let Some(section) = part.elements.clone() {
            known(numbers.parse_element_section(&mut self.elements, section))?;
        }
        if let Some(section) = part.data.clone() {
            known(numbers.parse_data_section(&mut self.data, section))?;
        }
        for name in part.names.iter().cloned().flatten() {
            let name = name?;
            if let Some(place) = places.get(usize::try_from(name.index)?).filter(|place| place.comes) {
                self.names.append(place.number, name.name);
            }
        }
        Ok(())
    }

    /// Things that have the same name are the same; memory and table, of which there is one each, keep the number 0. The numbers
    /// of the globals.
    fn import(&mut self, part: &Part<'a>) -> Result<Vec<u32>> {
        let mut globals = Vec::new();
        for import in &part.imports {
            let name = (import.module, import.name);
            let global = matches!(import.ty, TypeRef::Global(_));
            let seen = if global { &mut self.globals } else { &mut self.others };
            let at = seen.iter().position(|other| *other == name);
            if at.is_none() {
                seen.push(name);
                self.imports.import(name.0, name.1, EntityType::try_from(import.ty).map_err(|e| anyhow!("{e}"))?);
            }
            if global {
                globals.push(u32::try_from(at.unwrap_or(seen.len() - 1))?);
            }
        }
        ensure!(self.others.len() <= 2, "the parts have more than one memory and one table: {:?}", self.others);
        Ok(globals)
    }

    fn finish(self, types: &[u8], names: bool) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&RawSection { id: SectionId::Type.into(), data: types });
        module.section(&self.imports).section(&self.functions).section(&self.exports).section(&self.elements);
        module.section(&DataCountSection { count: self.data.len() }).section(&self.code).section(&self.data);
        if names {
            let mut names = NameSection::new();
            names.functions(&self.names);
            module.section(&names);
        }
        module.finish()
    }
}

fn known<T>(done: Result<T, Error<&'static str>>) -> Result<T> {
    done.map_err(|error| anyhow!("a part is no module: {error:?}"))
}

/// The numbers of a part's things in the whole.
struct Numbers {
    /// The number of each of its functions.
    functions: Vec<u32>,
    /// What comes before its first piece of data.
    data: u32,
    /// The number of each of its globals.
    globals: Vec<u32>,
}

fn number(of: &[u32], own: u32, what: &'static str) -> Result<u32, Error<&'static str>> {
    usize::try_from(own).ok().and_then(|own| of.get(own)).copied().ok_or(Error::UserError(what))
}

impl Reencode for Numbers {
    type Error = &'static str;

    fn function_index(&mut self, own: u32) -> Result<u32, Error<&'static str>> {
        number(&self.functions, own, "it calls a function that it does not have")
    }

    fn data_index(&mut self, own: u32) -> Result<u32, Error<&'static str>> {
        Ok(self.data + own)
    }

    fn global_index(&mut self, own: u32) -> Result<u32, Error<&'static str>> {
        number(&self.globals, own, "it uses a global that it does not import")
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, Elements, GlobalType, MemorySection, MemoryType, RefType, TableType, TypeSection, ValType,
    };
    use wasmparser::{Parser, Payload};

    use super::*;

    const TABLE: TableType =
        TableType { element_type: RefType::FUNCREF, minimum: 9, maximum: None, table64: false, shared: false };
    const MEMORY: MemoryType =
        MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };

    fn types(result: ValType) -> TypeSection {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [result]);
        types
    }

    /// A part whose first function calls its others: one that reads the last of the globals, and one for each of `others` that
    /// stands for that place of the table. The first is at `place` of the table, the text at that of the memory.
    fn part(globals: &[&str], place: i32, text: &str, others: &[i32]) -> Vec<u8> {
        let global = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        let mut imports = ImportSection::new();
        imports.import("shared", "memory", MEMORY);
        for name in globals {
            imports.import("shared", name, global);
        }
        imports.import("shared", "table", TABLE);
        let (mut functions, mut elements) = (FunctionSection::new(), ElementSection::new());
        functions.function(0).function(0);
        elements.active(Some(0), &ConstExpr::i32_const(place), Elements::Functions((&[0_u32]).into()));
        let (mut code, mut data) = (CodeSection::new(), DataSection::new());
        let (mut first, mut second) = (wasm_encoder::Function::new([]), wasm_encoder::Function::new([]));
        first.instructions().local_get(0).call(1);
        for (at, _) in (2_u32..).zip(others) {
            first.instructions().call(at);
        }
        first.instructions().end();
        second.instructions().global_get(u32::try_from(globals.len()).unwrap() - 1).end();
        code.function(&first).function(&second);
        for other in others {
            functions.function(0);
            let mut stands = wasm_encoder::Function::new([]);
            stands.instructions().local_get(0).i32_const(*other).call_indirect(0, 0).end();
            code.function(&stands);
        }
        data.active(0, &ConstExpr::i32_const(place * 8), text.bytes());
        let mut names = NameMap::new();
        names.append(0, &format!("first of {text}"));
        let mut section = NameSection::new();
        section.functions(&names);
        let mut module = Module::new();
        module.section(&types(ValType::I32)).section(&imports).section(&functions).section(&elements);
        module.section(&DataCountSection { count: 1 }).section(&code).section(&data).section(&section);
        module.finish()
    }

    /// What a module has: imports, what is in the table and in the memory, whom each function calls or what it reads.
    fn told(module: &[u8]) -> Vec<String> {
        let mut told = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ImportSection(section) => {
                    told.extend(section.into_imports().map(|import| import.unwrap().name.to_owned()));
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let ElementItems::Functions(functions) = element.unwrap().items else { panic!() };
                        told.extend(functions.into_iter().map(|one| format!("element {}", one.unwrap())));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let does = body.get_operators_reader().unwrap().into_iter().filter_map(|one| match one.unwrap() {
                        Operator::Call { function_index } => Some(format!("{function_index}")),
                        Operator::CallIndirect { .. } => Some("table".to_owned()),
                        Operator::I32Const { value } => Some(format!("at {value}")),
                        Operator::GlobalGet { global_index } => Some(format!("global {global_index}")),
                        _ => None,
                    });
                    told.push(does.collect::<Vec<_>>().join(", "));
                }
                Payload::DataSection(section) => {
                    told.extend(section.into_iter().map(|one| String::from_utf8(one.unwrap().data.to_vec()).unwrap()));
                }
                Payload::CustomSection(section) => told.push(section.name().to_owned()),
                _ => {}
            }
        }
        told
    }

    #[test]
    fn each_part_keeps_what_it_is_with_numbers_of_the_whole() {
        let parts = [part(&["stack"], 1, "one", &[]), part(&["other", "stack"], 2, "two", &[])];
        let whole = merged(&parts, false).unwrap();
        wasmparser::validate(&whole).unwrap();
        let names = ["memory", "stack", "table", "other"];
        let code = ["element 0", "element 2", "1", "global 0", "3", "global 0", "one", "two"];
        assert_eq!(told(&whole), [&names[..], &code].concat());
        let named = merged(&parts, true).unwrap();
        wasmparser::validate(&named).unwrap();
        assert_eq!(told(&named).last().map(String::as_str), Some("name"));
    }

    #[test]
    fn parts_of_one_module_call_each_other_and_others_through_one_function() {
        let parts = [part(&["stack"], 1, "one", &[2, 5]), part(&["stack"], 2, "two", &[5, 1, 2])];
        let whole = merged(&parts, true).unwrap();
        wasmparser::validate(&whole).unwrap();
        let code = ["element 0", "element 3", "1, 3, 2", "global 0", "at 5, table", "4, 2, 0, 3", "global 0"];
        assert_eq!(told(&whole)[3..10], code);
    }

    #[test]
    fn what_no_part_has_had_is_refused() {
        let good = part(&["stack"], 1, "one", &[]);
        let (mut other, mut calls, mut owns) = (Module::new(), Module::new(), Module::new());
        other.section(&types(ValType::I64));
        calls.section(&types(ValType::I32)).section(ImportSection::new().import(
            "shared",
            "f",
            EntityType::Function(0),
        ));
        owns.section(MemorySection::new().memory(MEMORY));
        let bad = [(other.finish(), "types"), (calls.finish(), "imports"), (owns.finish(), "section")];
        for (bad, why) in bad.into_iter().chain([(b"none".to_vec(), "magic")]) {
            let error = format!("{:#}", merged(&[good.clone(), bad], false).unwrap_err());
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
