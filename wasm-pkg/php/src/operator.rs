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
