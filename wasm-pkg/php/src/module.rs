//! Reads a module: what the translator needs of each section, and a refusal for what it does not
//! know.

use std::collections::BTreeMap;

use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, DataSectionReader, ElementItems, ElementKind,
    ElementSectionReader, ExportSectionReader, ExternalKind, FunctionBody, GlobalSectionReader,
    ImportSectionReader, MemorySectionReader, Operator, Parser, Payload, TableInit,
    TableSectionReader, TypeRef, TypeSectionReader, ValType, Validator,
};

use crate::error::Refusal;

/// Bytes of a page of linear memory.
pub(crate) const PAGE_BYTES: u64 = 65_536;

/// Parameters and results of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) params: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
}

/// A function of the JavaScript glue: it is called by its name, and traps.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Global {
    pub(crate) wide: bool,
    pub(crate) mutable: bool,
    /// As PHP holds it: 32 bits unsigned, 64 bits signed.
    pub(crate) initial: i64,
    pub(crate) exported: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) pages: u64,
    pub(crate) pages_max: u64,
}

/// What a module holds, as far as it is translated.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    signatures: Vec<Option<Signature>>,
    functions: Vec<u32>,
    pub(crate) imports: Vec<Import>,
    bodies: Vec<FunctionBody<'a>>,
    pub(crate) memory: Option<Memory>,
    pub(crate) globals: Vec<Global>,
    pub(crate) exports: BTreeMap<String, u32>,
    pub(crate) table_size: u64,
    pub(crate) table: BTreeMap<u64, u32>,
    pub(crate) data: Vec<(u64, &'a [u8])>,
}

fn refuse<T>(what: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Section { what: what.into() })
}

impl<'a> Module<'a> {
    pub(crate) fn read(wasm: &'a [u8]) -> Result<Self, Refusal> {
        Validator::new().validate_all(wasm)?;
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            module.section(payload?)?;
        }
        module.check_segments()?;
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Refusal> {
        match payload {
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => {
                for function in section {
                    self.functions.push(function?);
                }
                Ok(())
            }
            Payload::TableSection(section) => self.tables(section),
            Payload::MemorySection(section) => self.memories(section),
            Payload::GlobalSection(section) => self.globals(section),
            Payload::ExportSection(section) => self.exports(section),
            Payload::ElementSection(section) => self.elements(section),
            Payload::DataSection(section) => self.data(section),
            Payload::CodeSectionEntry(body) => {
                self.bodies.push(body);
                Ok(())
            }
            // None of these changes what a module computes.
            Payload::Version { .. }
            | Payload::DataCountSection { .. }
            | Payload::CodeSectionStart { .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => Ok(()),
            Payload::StartSection { .. } => refuse("a start function"),
            Payload::TagSection(_) => refuse("exception tags"),
            _ => refuse("a section that this translator does not know"),
        }
    }

    fn types(&mut self, section: TypeSectionReader<'a>) -> Result<(), Refusal> {
        for group in section {
            for sub in group?.into_types() {
                let signature = match sub.composite_type.inner {
                    CompositeInnerType::Func(function) => Some(Signature {
                        params: function.params().to_vec(),
                        results: function.results().to_vec(),
                    }),
                    // Only what uses such a type has to be refused, and is.
                    _ => None,
                };
                self.signatures.push(signature);
            }
        }
        Ok(())
    }

    fn imports(&mut self, section: ImportSectionReader<'a>) -> Result<(), Refusal> {
        for import in section.into_imports() {
            let import = import?;
            let (module, name) = (String::from(import.module), String::from(import.name));
            let what = match import.ty {
                TypeRef::Func(function) => {
                    self.functions.push(function);
                    self.imports.push(Import { module, name });
                    continue;
                }
                TypeRef::Table(_) => "a table",
                TypeRef::Memory(_) => "a memory",
                TypeRef::Global(_) => "a global",
                _ => "neither function, table, memory nor global",
            };
            return Err(Refusal::Import { module, name, what: String::from(what) });
        }
        Ok(())
    }

    fn tables(&mut self, section: TableSectionReader<'a>) -> Result<(), Refusal> {
        if section.count() > 1 {
            return refuse("more than one table");
        }
        for table in section {
            let table = table?;
            if !table.ty.element_type.is_func_ref() || table.ty.table64 || table.ty.shared {
                return refuse("a table of anything but functions");
            }
            if !matches!(table.init, TableInit::RefNull) {
                return refuse("a table with a first value");
            }
            self.table_size = table.ty.initial;
        }
        Ok(())
    }

    fn memories(&mut self, section: MemorySectionReader<'a>) -> Result<(), Refusal> {
        if section.count() > 1 {
            return refuse("more than one memory");
        }
        for memory in section {
            let memory = memory?;
            if memory.memory64 {
                return refuse("a memory of 64-bit addresses");
            }
            if memory.shared {
                return refuse("a shared memory");
            }
            if memory.page_size_log2.is_some() {
                return refuse("a memory with pages of its own size");
            }
            self.memory = Some(Memory {
                pages: memory.initial,
                pages_max: memory.maximum.unwrap_or(PAGE_BYTES),
            });
        }
        Ok(())
    }

    fn globals(&mut self, section: GlobalSectionReader<'a>) -> Result<(), Refusal> {
        for global in section {
            let global = global?;
            let wide = match global.ty.content_type {
                ValType::I32 => false,
                ValType::I64 => true,
                other => return refuse(format!("a global of type {other}")),
            };
            let initial = constant(&global.init_expr)?;
            self.globals.push(Global {
                wide,
                mutable: global.ty.mutable,
                initial,
                exported: false,
            });
        }
        Ok(())
    }

    fn exports(&mut self, section: ExportSectionReader<'a>) -> Result<(), Refusal> {
        for export in section {
            let export = export?;
            match export.kind {
                ExternalKind::Func => {
                    self.exports.insert(String::from(export.name), export.index);
                }
                ExternalKind::Global => {
                    if let Some(global) = self.globals.get_mut(export.index as usize) {
                        global.exported = true;
                    }
                }
                // Nobody outside reaches into the translated module but through its runtime.
                _ => {}
            }
        }
        Ok(())
    }

    fn elements(&mut self, section: ElementSectionReader<'a>) -> Result<(), Refusal> {
        for element in section {
            let element = element?;
            let offset = match element.kind {
                ElementKind::Active { offset_expr, .. } => constant(&offset_expr)?,
                // Only `table.init` could use it, and that is refused by name.
                ElementKind::Passive | ElementKind::Declared => continue,
            };
            let ElementItems::Functions(functions) = element.items else {
                return refuse("table entries that are expressions");
            };
            let mut place = u64::try_from(offset).unwrap_or(u64::MAX);
            for function in functions {
                self.table.insert(place, function?);
                place = place.saturating_add(1);
            }
            if place > self.table_size {
                return refuse("table entries beyond the table's end");
            }
        }
        Ok(())
    }

    fn data(&mut self, section: DataSectionReader<'a>) -> Result<(), Refusal> {
        for data in section {
            let data = data?;
            match data.kind {
                DataKind::Active { offset_expr, .. } => {
                    let offset = u64::try_from(constant(&offset_expr)?).unwrap_or(u64::MAX);
                    self.data.push((offset, data.data));
                }
                // Only `memory.init` could use it, and that is refused by name.
                DataKind::Passive => {}
            }
        }
        Ok(())
    }

    fn check_segments(&self) -> Result<(), Refusal> {
        let bytes = self.memory_bytes();
        let fits = |&(offset, data): &(u64, &[u8])| {
            offset.checked_add(data.len() as u64).is_some_and(|end| end <= bytes)
        };
        if self.data.iter().all(fits) { Ok(()) } else { refuse("data beyond the memory's end") }
    }

    /// Bytes of memory at the start; it never gets smaller.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory.map_or(0, |memory| memory.pages * PAGE_BYTES)
    }

    /// Functions, imports counted.
    pub(crate) fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// The type of a function, by the first number that stands for it.
    pub(crate) fn type_of(&self, function: u32) -> Option<u32> {
        self.functions.get(function as usize).map(|&number| self.canonical(number))
    }

    /// Types that say the same are the same: the first number of them stands for all.
    pub(crate) fn canonical(&self, number: u32) -> u32 {
        let Some(Some(wanted)) = self.signatures.get(number as usize) else {
            return number;
        };
        let first = self.signatures.iter().position(|other| other.as_ref() == Some(wanted));
        first.and_then(|first| u32::try_from(first).ok()).unwrap_or(number)
    }

    pub(crate) fn signature(&self, function: u32) -> Result<&Signature, Refusal> {
        let number = self.type_of(function);
        number.and_then(|number| self.signature_of_type(number)).ok_or_else(|| Refusal::Type {
            what: String::from("its type"),
            function,
        })
    }

    pub(crate) fn signature_of_type(&self, number: u32) -> Option<&Signature> {
        self.signatures.get(number as usize)?.as_ref()
    }

    /// The import that a function is, if it is one.
    pub(crate) fn import(&self, function: u32) -> Option<&Import> {
        self.imports.get(function as usize)
    }

    pub(crate) fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get((function as usize).checked_sub(self.imports.len())?)
    }
}

/// The value of a constant expression, as PHP holds it.
fn constant(expression: &ConstExpr<'_>) -> Result<i64, Refusal> {
    let mut reader = expression.get_operators_reader();
    let value = match reader.read()? {
        Operator::I32Const { value } => i64::from(value.cast_unsigned()),
        Operator::I64Const { value } => value,
        other => {
            let name = crate::operator::name(&other);
            return refuse(format!("a constant expression with `{name}`"));
        }
    };
    match reader.read()? {
        Operator::End => Ok(value),
        other => {
            let name = crate::operator::name(&other);
            refuse(format!("a constant expression with `{name}`"))
        }
    }
}
