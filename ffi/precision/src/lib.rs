//! The attribute [`macro@precision`].
//!
//! The C library exists in two precisions that may serve one program, so exported symbols end in
//! `_f64` or `_f32`. cbindgen reads the source without expanding macros and must see the plain
//! name; renaming afterwards with `objcopy` would not reach the dynamic symbols of a shared library
//! and would be lost on whoever builds the crate with cargo alone. An attribute does both.

use proc_macro::{TokenStream, TokenTree};

/// Turns `#[unsafe(no_mangle)]` below it into an export name that ends in `_f32` where the crate's
/// feature `f32` is on and in `_f64` elsewhere.
#[proc_macro_attribute]
pub fn precision(_: TokenStream, item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.into_iter().collect();
    let is_ident = |t: &TokenTree, name: &str| matches!(t, TokenTree::Ident(i) if i.to_string() == name);
    let Some(name) = tokens.windows(2).find(|w| is_ident(&w[0], "fn")).map(|w| w[1].to_string()) else {
        return "compile_error!(\"`precision` belongs on a function\");".parse().unwrap_or_default();
    };
    let is_no_mangle =
        |t: &TokenTree| matches!(t, TokenTree::Group(g) if g.to_string().contains("no_mangle"));
    let Some(at) = tokens.windows(2).position(|w| w[0].to_string() == "#" && is_no_mangle(&w[1])) else {
        return "compile_error!(\"`precision` expects `#[unsafe(no_mangle)]` below it\");"
            .parse()
            .unwrap_or_default();
    };
    let mut out: TokenStream = format!(
        "#[cfg_attr(feature = \"f32\", unsafe(export_name = \"{name}_f32\"))]\
         #[cfg_attr(not(feature = \"f32\"), unsafe(export_name = \"{name}_f64\"))]"
    )
    .parse()
    .unwrap_or_default();
    out.extend(tokens.into_iter().enumerate().filter(|&(i, _)| i != at && i != at + 1).map(|(_, t)| t));
    out
}
