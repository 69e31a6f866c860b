//! A module of three functions, divided.

use super::module::Module;
use super::{divided, instrumented, lasting_name, outlines};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, Instruction, MemorySection, MemoryType, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};

/// Imports `env.print`; `main` calls `cold(7)`, which calls `colder` and prints; `vtable` is in the table.
fn whole() -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    module.section(&types);
    let mut imports = ImportSection::new();
    imports.import("env", "print", EntityType::Function(0));
    module.section(&imports);
    let mut functions = FunctionSection::new();
    for ty in [0, 1, 0, 0] {
        functions.function(ty);
    }
    module.section(&functions);
    let mut tables = TableSection::new();
    let element_type = RefType::FUNCREF;
    tables.table(TableType {
        element_type,
        table64: false,
        minimum: 2,
        maximum: Some(2),
        shared: false,
    });
    module.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    module.section(&memories);
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, 1);
    module.section(&exports);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(vec![4].into()));
    module.section(&elements);
    let bodies: [&[Instruction<'_>]; 4] = [
        &[Instruction::I32Const(7), Instruction::Call(2), Instruction::Drop],
        &[Instruction::Call(3), Instruction::Call(0), Instruction::LocalGet(0)],
        &[],
        &[],
    ];
    let mut code = CodeSection::new();
    for body in bodies {
        let mut function = Function::new([]);
        body.iter().for_each(|instruction| {
            function.instruction(instruction);
        });
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    module.section(&code);
    let mut named = NameMap::new();
    for (index, name) in (1..).zip(["main", "cold", "colder", "vtable"]) {
        named.append(index, name);
    }
    let mut section = NameSection::new();
    section.functions(&named);
    module.section(&section);
    module.finish()
}

#[test]
fn each_part_gets_what_belongs_to_it() {
    let parts = divided(&whole(), &|name| name == "main", None).expect("both parts are valid");
    let first = Module::read(&parts.first).expect("readable");
    // `main`, which calls `cold` through its slot, a stand-in for `vtable`, and the guard; nobody
    // here knows `colder`.
    assert_eq!(first.bodies.len(), 3);
    assert_eq!(first.tables[0].ty.initial, 4, "two slots more");
    let loaders = first.imports.iter().filter(|import| import.module == "deferred");
    assert_eq!(loaders.map(|import| import.name).collect::<Vec<_>>(), ["load"]);
    let deferred = Module::read(&parts.deferred).expect("readable");
    assert_eq!(deferred.bodies.len(), 3);
    let imported: Vec<_> = deferred.imports.iter().map(|import| import.name).collect();
    assert_eq!(imported, ["t0", "m0", "f0"], "`print` by way of the first part");
}

#[test]
fn a_first_part_with_everything_needs_no_stand_ins() {
    let parts = divided(&whole(), &|_| true, None).expect("both parts are valid");
    let first = Module::read(&parts.first).expect("readable");
    assert_eq!(first.bodies.len(), 5, "its own four and the guard");
    assert_eq!(Module::read(&parts.deferred).expect("readable").bodies.len(), 0);
}

#[test]
fn damage_is_an_error() {
    let module = whole();
    for length in [0, 7, 20, module.len() / 2] {
        assert!(divided(&module[..length], &|_| true, None).is_err(), "{length}");
    }
}

#[test]
fn a_telling_module_is_valid_and_knows_its_names() {
    let telling = instrumented(&whole()).expect("written");
    wasmparser::Validator::new().validate_all(&telling).expect("valid");
    let outlines = outlines(&whole()).expect("readable");
    let names: Vec<_> = outlines.iter().map(|outline| outline.name.as_str()).collect();
    assert_eq!(names, ["main", "cold", "colder", "vtable"]);
}

#[test]
fn names_last_longer_than_a_compiler() {
    let table = [
        ("core[0123456789abcdef]::fmt::write", "core::fmt::write"),
        ("<[u8] as a[0123456789abcdef]::T>::f::<[u8; 16]>", "<[u8] as a::T>::f::<[u8; 16]>"),
        ("a[123456789abcdef]::f::<[f64]>", "a::f::<[f64]>"),
        ("memcpy", "memcpy"),
    ];
    for (name, expected) in table {
        assert_eq!(lasting_name(name), expected);
    }
    let long = "x::".repeat(60);
    assert!(lasting_name(&long).len() < long.len());
    assert_ne!(lasting_name(&long), lasting_name(&format!("{long}y")), "still told apart");
}
