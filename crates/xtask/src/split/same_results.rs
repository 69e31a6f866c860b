//! Whatever was seen to run, the module with the rest taken out gives the same results.

use super::{Constants, divided, instrumented, outlined, outlines};
use wasmi::{Engine, Linker, Module, Store, Val};

/// Functions `f` of one number, with the ways in which control can go.
const FUNCTIONS: [(&str, &str); 7] = [
    (
        "both arms give a value",
        "(func (export \"f\") (param i32) (result i32) (local i32)
           local.get 0 i32.const 3 i32.lt_s
           if (result i32) local.get 0 i32.const 100 i32.add local.tee 1 local.get 1 i32.mul
           else local.get 0 i32.const 7 i32.xor local.set 1 local.get 1 local.get 1 i32.add end
           local.get 1 i32.add)",
    ),
    (
        "a block is left early, with and without a value",
        "(func (export \"f\") (param i32) (result i32) (local i32 i64)
           i32.const 1 local.set 1
           block (result i32)
             block
               local.get 0 i32.const 2 i32.eq br_if 0
               i64.const 40 local.set 2 i32.const 5 local.set 1
               local.get 0 i32.const 5 i32.gt_s if i32.const 11 return end
               local.get 0 local.get 0 i32.const 4 i32.eq br_if 1
               i32.const 2 i32.add local.get 1 i32.add br 1
             end
             local.get 2 i32.wrap_i64 i32.const 9 i32.add
           end
           local.get 1 i32.const 1000 i32.mul i32.add local.get 2 i32.wrap_i64 i32.add)",
    ),
    (
        "a loop goes on from inside a region, and out of it",
        "(func (export \"f\") (param i32) (result i32) (local i32 i32)
           block
             loop
               local.get 1 local.get 0 i32.ge_s br_if 1
               local.get 1 i32.const 1 i32.add local.set 1
               local.get 1 i32.const 2 i32.rem_s if
                 local.get 2 local.get 1 i32.add local.set 2
                 local.get 2 i32.const 30 i32.gt_s br_if 2
                 br 1
               end
               local.get 2 i32.const 3 i32.mul local.set 2
               br 0
             end
           end
           local.get 2 local.get 1 i32.const 10000 i32.mul i32.add)",
    ),
    (
        "a table of ways, inside and out",
        "(func (export \"f\") (param i32) (result i32) (local i32)
           block block block
             local.get 0 i32.const 0 i32.ge_s if
               block
                 local.get 0 br_table 0 1 2 3 1
               end
               i32.const 50 local.set 1
               local.get 1 local.get 0 i32.sub local.set 1
               br 2
             end
             i32.const 1 local.set 1
           end
             local.get 1 i32.const 2 i32.add local.set 1
           end
             local.get 1 i32.const 4 i32.add local.set 1
           end
           local.get 1)",
    ),
    (
        "a loop that gives a value by its end",
        "(func (export \"f\") (param i32) (result i32) (local i32)
           loop (result i32)
             local.get 0 i32.const 1 i32.and if
               local.get 0 i32.const 1 i32.add local.set 0
               local.get 1 i32.const 6 i32.add local.set 1
               br 1
             end
             local.get 0 i32.const 20 i32.lt_s if
               local.get 0 i32.const 3 i32.add local.set 0 br 1
             end
             local.get 0 local.get 1 i32.add
           end)",
    ),
    (
        "other types, memory and calls",
        "(memory 1) (data (i32.const 64) \"\\2a\\07\\01\\05\")
         (func $g (param i64 f64) (result f64)
           local.get 0 i64.const 4 i64.lt_s if (result f64) f64.const 0.5 else f64.const 8 end
           local.get 1 f64.add)
         (func (export \"f\") (param i32) (result i32) (local i64 f64)
           local.get 0 i64.extend_i32_s local.set 1
           local.get 0 i32.const 6 i32.lt_s if
             local.get 1 f64.const 1.5 call $g local.set 2
             local.get 2 f64.const 8 f64.gt if local.get 1 i64.const 3 i64.mul local.set 1 end
           else
             i32.const 8 local.get 0 i32.store
             i32.const 8 i32.load i64.extend_i32_u local.set 1
           end
           local.get 1 i32.wrap_i64 local.get 2 i32.trunc_f64_s i32.add
           local.get 0 i32.const 3 i32.and i32.load8_u offset=64 i32.add)",
    ),
    (
        "a trap stays one",
        "(func (export \"f\") (param i32) (result i32)
           local.get 0 i32.const 3 i32.eq if
             local.get 0 i32.const 12 i32.mul drop
             local.get 0 i32.const 5 i32.add drop unreachable
           end
           i32.const 60 local.get 0 i32.const 1 i32.sub i32.div_s)",
    ),
];

/// What the functions are called with.
const ARGUMENTS: std::ops::Range<i32> = -2..12;

/// `f` of each argument; `None` where it traps.
fn results(module: &[u8]) -> Vec<Option<i32>> {
    let engine = Engine::default();
    let module = Module::new(&engine, module).expect("readable");
    let one = |argument: i32| {
        let mut store = Store::new(&engine, ());
        let linker = Linker::<()>::new(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module).expect("started");
        let mut found = [Val::I32(0)];
        let function = instance.get_func(&store, "f").expect("exported");
        function.call(&mut store, &[Val::I32(argument)], &mut found).ok()?;
        found[0].i32()
    };
    ARGUMENTS.map(one).collect()
}

/// A module with a name for each function, as the linker gives them, and a table for the stand-ins.
fn module(functions: &str) -> Vec<u8> {
    let functions = functions.replace("(func (export", "(func $f (export");
    wat::parse_str(format!("(module (table 1 funcref) {functions})")).expect("a module")
}

#[test]
fn whatever_was_seen_the_results_are_the_same() {
    for (what, functions) in FUNCTIONS {
        let whole = module(functions);
        let expected = results(&whole);
        let leaders = outlines(&whole).expect("readable").iter().map(|found| found.leaders).max();
        let leaders = leaders.expect("a function");
        let mut most = 0;
        for seen in 0..1_u32 << leaders.min(12) {
            let ran: Vec<bool> = (0..leaders).map(|leader| seen >> leader & 1 == 1).collect();
            let parts = outlined(&whole, &|_, _| Some(ran.clone())).expect("written");
            wasmparser::Validator::new().validate_all(&parts).unwrap_or_else(|error| {
                panic!("{what}, {ran:?}: {error}");
            });
            assert_eq!(results(&parts), expected, "{what}, {ran:?}");
            most = most.max(outlines(&parts).expect("readable").len());
            divided(&parts, &|name| !name.contains("rest"), None).expect("both parts are valid");
        }
        assert!(
            most > outlines(&whole).expect("readable").len(),
            "{what}: something was taken out"
        );
    }
}

#[test]
fn a_telling_module_is_valid() {
    for (what, functions) in FUNCTIONS.into_iter().filter(|(_, text)| text.contains("(memory")) {
        let telling = instrumented(&module(functions)).expect("written");
        let valid = wasmparser::Validator::new().validate_all(&telling);
        assert!(valid.is_ok(), "{what}: {:?}", valid.err());
    }
}

#[test]
fn without_notes_of_the_linker_there_are_no_constants() {
    let whole = module(FUNCTIONS[5].1);
    assert!(Constants::read(&whole).expect("readable").is_none());
}
