//! A part of the program, as the splitting tool wrote it, taken apart into what `merge.rs` brings together. Not what becomes of it.

use anyhow::{Context as _, Result, bail, ensure};
use wasmparser::{
    DataSectionReader, ElementSectionReader, ExportSectionReader, FunctionBody, Import, KnownCustom, Name, NameMap,
    Operator, Parser, Payload, TypeRef,
};

/// A part, borrowed from its bytes.
#[derive(Default)]
pub struct Part<'a> {
    /// Those of the whole program, in the same order in each part: their bytes.
    pub types: Option<&'a [u8]>,
    /// The memory, the table and globals; no part imports a function.
    pub imports: Vec<Import<'a>>,
    /// All that it has.
    pub functions: Vec<Function<'a>>,
    /// What it is asked for by name.
    pub exports: Option<ExportSectionReader<'a>>,
    /// Which functions go where in the table.
    pub elements: Option<ElementSectionReader<'a>>,
    /// What goes where in the memory.
    pub data: Option<DataSectionReader<'a>>,
    /// What its functions are called in traces.
    pub names: Vec<NameMap<'a>>,
}

/// A function of a part.
pub struct Function<'a> {
    /// The number of its type.
    pub ty: u32,
    /// What it does.
    pub body: FunctionBody<'a>,
    /// The place of the table whose function it calls, when it does nothing else: so parts call each other.
    pub stands_for: Option<i32>,
}

impl<'a> Part<'a> {
    /// Takes one apart.
    ///
    /// # Errors
    /// When it is no module, or has what no part has had so far.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut part = Self::default();
        let (mut types, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    let range = section.range();
                    part.types = bytes.get(usize::try_from(range.start)?..usize::try_from(range.end)?);
                }
                Payload::ImportSection(section) => part.imports = section.into_imports().collect::<Result<_, _>>()?,
                Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
                Payload::ExportSection(section) => part.exports = Some(section),
                Payload::ElementSection(section) => part.elements = Some(section),
                Payload::CodeSectionEntry(body) => bodies.push(body),
                Payload::DataSection(section) => part.data = Some(section),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        for name in section {
                            part.names.extend(if let Name::Function(names) = name? { Some(names) } else { None });
                        }
                    }
                }
                Payload::Version { .. }
                | Payload::DataCountSection { .. }
                | Payload::CodeSectionStart { .. }
                | Payload::End(_) => {}
                other => bail!("a part has a section that can't be merged: {other:?}"),
            }
        }
        for import in &part.imports {
            let known = matches!(import.ty, TypeRef::Global(_) | TypeRef::Memory(_) | TypeRef::Table(_));
            ensure!(known, "a part imports {import:?}");
        }
        ensure!(types.len() == bodies.len(), "a part has {} functions and {} bodies", types.len(), bodies.len());
        for (ty, body) in types.into_iter().zip(bodies) {
            let stands_for = stands_for(&body).context("read a function")?;
            part.functions.push(Function { ty, body, stands_for });
        }
        Ok(part)
    }
}

/// The place of the table that a function hands its arguments on to, in order; `None` when it does anything else.
fn stands_for(body: &FunctionBody<'_>) -> Result<Option<i32>> {
    let mut operators = body.get_operators_reader()?;
    let mut next = operators.read()?;
    let mut argument = 0;
    while let Operator::LocalGet { local_index } = next {
        if local_index != argument {
            return Ok(None);
        }
        argument += 1;
        next = operators.read()?;
    }
    let Operator::I32Const { value } = next else { return Ok(None) };
    let calls = !operators.eof() && matches!(operators.read()?, Operator::CallIndirect { .. });
    let ends = calls && matches!(operators.read()?, Operator::End);
    Ok(ends.then_some(value))
}
