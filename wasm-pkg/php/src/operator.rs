//! Every instruction that wasmparser knows, by the name that the text format gives it.

use wasmparser::Operator;

/// Words before the first `_` that stand before a dot in the text format.
const PREFIXES: [&str; 19] = [
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
    "memory", "table", "local", "global", "ref", "data", "elem", "struct",
];

macro_rules! name_operators {
    ($( @$proposal:ident $op:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// The method of wasmparser's visitor for each instruction: every name there is.
        #[cfg(test)]
        pub(crate) const ALL: &[&str] = &[$( stringify!($visit) ),*];

        fn visitor(operator: &Operator<'_>) -> &'static str {
            match operator {
                $( Operator::$op { .. } => stringify!($visit), )*
                _ => "visit_unknown",
            }
        }
    };
}

wasmparser::for_each_operator!(name_operators);

/// The name of an instruction as the text format has it: `f64.load`.
pub(crate) fn name(operator: &Operator<'_>) -> String {
    text(visitor(operator))
}

/// `visit_i32_load8_s` → `i32.load8_s`.
pub(crate) fn text(visitor: &str) -> String {
    let name = visitor.strip_prefix("visit_").unwrap_or(visitor);
    match name.split_once('_') {
        Some((prefix, rest)) if PREFIXES.contains(&prefix) => format!("{prefix}.{rest}"),
        _ => String::from(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wasmparser::{
        BlockType, BrTable, HeapType, Ieee32, Ieee64, MemArg, Ordering, ResumeTable, TryTable,
        V128, ValType,
    };

    use super::*;
    use crate::function::is_translated;

    /// All that is translated; everything else is refused.
    const TRANSLATED: &str = "unreachable nop block loop if else end br br_if br_table return call \
        call_indirect drop select typed_select local.get local.set local.tee global.get global.set \
        i32.load i64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u i64.load8_s \
        i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store \
        i32.store8 i32.store16 i64.store8 i64.store16 i64.store32 memory.size memory.grow \
        memory.copy memory.fill i32.const i64.const \
        i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s \
        i32.ge_u i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u \
        i64.ge_s i64.ge_u i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u \
        i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr \
        i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u \
        i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr i32.wrap_i64 \
        i64.extend_i32_s i64.extend_i32_u i32.extend8_s i32.extend16_s i64.extend8_s \
        i64.extend16_s i64.extend32_s";

    /// Instructions whose operands cannot be made here; each is refused or translated by its
    /// variant alone, whatever its operands.
    const UNMADE: [&str; 4] = ["br_table", "try_table", "resume", "v128.const"];

    /// Any operand of a type.
    trait Any: Sized {
        fn any() -> Option<Self>;
    }

    macro_rules! any {
        ($($type:ty => $value:expr),* $(,)?) => {
            $( impl Any for $type { fn any() -> Option<Self> { $value } } )*
        };
    }

    macro_rules! make_operators {
        ($( @$proposal:ident $op:ident $({ $($field:ident: $type:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
            /// One of each instruction, by its name; `None` where its operands cannot be made.
            fn all() -> Vec<(String, Option<Operator<'static>>)> {
                fn make<T>(make: impl FnOnce() -> Option<T>) -> Option<T> { make() }
                vec![$( (
                    text(stringify!($visit)),
                    make(|| Some(Operator::$op $({ $($field: Any::any()?),* })?)),
                ) ),*]
            }
        };
    }

    any! {
        u8 => Some(0),
        u32 => Some(0),
        i32 => Some(0),
        i64 => Some(0),
        [u8; 16] => Some([0; 16]),
        MemArg => Some(MemArg { align: 0, max_align: 0, offset: 0, memory: 0 }),
        Ordering => Some(Ordering::SeqCst),
        HeapType => Some(HeapType::FUNC),
        BlockType => Some(BlockType::Empty),
        ValType => Some(ValType::I32),
        Vec<ValType> => Some(Vec::new()),
        Ieee32 => Some(Ieee32::from(1.0)),
        Ieee64 => Some(Ieee64::from(1.0)),
        V128 => None,
        BrTable<'static> => None,
        TryTable => None,
        ResumeTable => None,
    }
    wasmparser::for_each_operator!(make_operators);

    #[test]
    fn every_instruction_is_translated_or_refused_by_its_name() {
        let wanted: BTreeSet<String> = TRANSLATED.split_whitespace().map(String::from).collect();
        let known = all();
        assert!(known.len() > 500, "{} instructions", known.len());
        assert_eq!(known.len(), ALL.len());
        let mut translated = BTreeSet::new();
        let mut unmade = Vec::new();
        for (text, operator) in &known {
            let Some(operator) = operator else {
                unmade.push(text.as_str());
                continue;
            };
            assert_eq!(name(operator), *text);
            if is_translated(operator) {
                translated.insert(text.clone());
            }
        }
        for text in unmade {
            assert!(UNMADE.iter().any(|known| text.starts_with(known)), "{text} cannot be made");
            if wanted.contains(text) {
                translated.insert(String::from(text));
            }
        }
        assert_eq!(translated, wanted);
    }

    #[test]
    fn names_are_those_of_the_text_format() {
        assert_eq!(text("visit_i32_load8_s"), "i32.load8_s");
        assert_eq!(text("visit_br_table"), "br_table");
        assert_eq!(text("visit_memory_copy"), "memory.copy");
    }
}
