//! Rewrites a source tree so that each mutant stands behind a switch: `if crate::mutant::on(7) { … } else { … }`.

use crate::list::{Mutant, Start};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io, mem};
use syn::parse_quote;
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};

/// What the library gets besides: the switch is read once, and asking it costs a comparison.
pub const SWITCH: &str = r#"
pub(crate) mod mutant {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ON: AtomicU32 = AtomicU32::new(u32::MAX);
    #[inline]
    pub(crate) fn on(id: u32) -> bool {
        match ON.load(Ordering::Relaxed) {
            u32::MAX => first() == id,
            on => on == id,
        }
    }
    #[cold]
    fn first() -> u32 {
        let on = std::env::var("MUTANT").ok().and_then(|on| on.parse().ok()).unwrap_or(0);
        ON.store(on, Ordering::Relaxed);
        on
    }
}
"#;

/// What cannot be planted: mutants that did not compile, and functions that constants call.
#[derive(Default)]
pub struct LeftOut {
    pub mutants: BTreeSet<u32>,
    pub functions: BTreeSet<String>,
}

/// Plants the mutants in `tree/src` and gives back the numbers of those that have no place there.
pub fn plant(tree: &Path, mutants: &[Mutant], left_out: &LeftOut) -> io::Result<BTreeSet<u32>> {
    let mut files = Vec::new();
    collect(&tree.join("src"), &mut files)?;
    let mut placed = BTreeSet::new();
    for path in files {
        let name = path.strip_prefix(tree).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if name.starts_with("src/cli") || name == "src/main.rs" {
            continue;
        }
        let mut file = syn::parse_file(&fs::read_to_string(&path)?).map_err(io::Error::other)?;
        let mut at: BTreeMap<Start, Vec<Mutant>> = BTreeMap::new();
        for mutant in mutants {
            if mutant.file == name && !left_out.mutants.contains(&mutant.id) {
                at.entry(mutant.span.start).or_default().push(mutant.clone());
            }
        }
        let mut planter = Planter { at, placed: BTreeSet::new(), constant: &left_out.functions };
        planter.visit_file_mut(&mut file);
        placed.extend(planter.placed);
        let mut text = prettyplease::unparse(&file);
        if name == "src/lib.rs" {
            text.push_str(SWITCH);
        }
        fs::write(&path, text)?;
    }
    let missing = |mutant: &&Mutant| !placed.contains(&mutant.id) && !left_out.mutants.contains(&mutant.id);
    Ok(mutants.iter().filter(missing).map(|mutant| mutant.id).collect())
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
    into.sort();
    Ok(())
}

struct Planter<'a> {
    at: BTreeMap<Start, Vec<Mutant>>,
    placed: BTreeSet<u32>,
    /// Functions that stay constant, and have no switch in them.
    constant: &'a BTreeSet<String>,
}

fn start(span: Span) -> Start {
    let start = span.start();
    Start { line: start.line, column: start.column + 1 }
}

impl Planter<'_> {
    /// The mutants of this kind that begin here.
    fn take(&mut self, at: Start, genre: &str) -> Vec<Mutant> {
        let here = self.at.get(&at).into_iter().flatten();
        let found: Vec<Mutant> = here
            .filter(|mutant| mutant.genre == genre && !self.placed.contains(&mutant.id))
            .cloned()
            .collect();
        self.placed.extend(found.iter().map(|mutant| mutant.id));
        found
    }

    fn function(&mut self, signature: &mut syn::Signature, block: &mut syn::Block) {
        if signature.constness.is_some() && self.constant.contains(&signature.ident.to_string()) {
            return;
        }
        // A switch is no constant.
        signature.constness = None;
        let open = start(block.brace_token.span.open());
        let mut places = vec![open, Start { column: open.column + 1, ..open }];
        places.extend(block.stmts.first().map(|first| start(first.span())));
        let mutants: Vec<Mutant> = places.into_iter().flat_map(|place| self.take(place, "FnValue")).collect();
        visit_mut::visit_block_mut(self, block);
        for Mutant { id, replacement, .. } in mutants {
            match syn::parse_str::<syn::Expr>(&replacement) {
                Ok(value) => {
                    block.stmts.insert(0, parse_quote!(if crate::mutant::on(#id) { return #value; }));
                }
                Err(_) => drop(self.placed.remove(&id)),
            }
        }
    }
}

impl VisitMut for Planter<'_> {
    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        self.function(&mut item.sig, &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut syn::ImplItemFn) {
        self.function(&mut item.sig, &mut item.block);
    }

    fn visit_trait_item_fn_mut(&mut self, item: &mut syn::TraitItemFn) {
        if let Some(block) = &mut item.default {
            self.function(&mut item.sig, block);
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        let gone = self.take(start(arm.pat.span()), "MatchArm");
        let guards = match &arm.guard {
            Some((_, guard)) => self.take(start(guard.span()), "MatchArmGuard"),
            None => Vec::new(),
        };
        visit_mut::visit_arm_mut(self, arm);
        for Mutant { id, replacement, .. } in guards {
            if let Some((_, guard)) = &mut arm.guard {
                let old = mem::replace(guard, parse_quote!(true));
                **guard = if replacement == "true" {
                    parse_quote!((crate::mutant::on(#id) || (#old)))
                } else {
                    parse_quote!((!crate::mutant::on(#id) && (#old)))
                };
            }
        }
        for Mutant { id, .. } in gone {
            let new: syn::Expr = match &arm.guard {
                Some((_, guard)) => parse_quote!((!crate::mutant::on(#id) && (#guard))),
                None => parse_quote!(!crate::mutant::on(#id)),
            };
            arm.guard = Some((syn::token::If::default(), Box::new(new)));
        }
    }

    /// A field that is left out has the value of the struct that the rest comes from.
    fn visit_expr_struct_mut(&mut self, made: &mut syn::ExprStruct) {
        let mutants: Vec<Vec<Mutant>> =
            made.fields.iter().map(|field| self.take(start(field.span()), "StructField")).collect();
        visit_mut::visit_expr_struct_mut(self, made);
        let Some(rest) = made.rest.clone() else { return };
        for (field, mutants) in made.fields.iter_mut().zip(mutants) {
            for Mutant { id, .. } in mutants {
                let (name, value) = (&field.member, &field.expr);
                field.expr = parse_quote!((if crate::mutant::on(#id) { (#rest).#name } else { #value }));
                field.colon_token = Some(syn::token::Colon::default());
            }
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        let mutants = match &*expression {
            syn::Expr::Binary(binary) => self.take(start(binary.op.span()), "BinaryOperator"),
            syn::Expr::Unary(unary) => self.take(start(unary.op.span()), "UnaryOperator"),
            _ => return visit_mut::visit_expr_mut(self, expression),
        };
        visit_mut::visit_expr_mut(self, expression);
        let new = match &*expression {
            syn::Expr::Binary(binary) if !mutants.is_empty() => operators(binary, &mutants),
            syn::Expr::Unary(syn::ExprUnary { op, expr, .. }) if !mutants.is_empty() => {
                let ids = mutants.iter().map(|mutant| mutant.id);
                Some(quote!((if #(crate::mutant::on(#ids))||* { #expr } else { #op #expr })))
            }
            _ => None,
        };
        if let Some(new) = new.and_then(|new| syn::parse2(new).ok()) {
            *expression = new;
        }
    }
}

/// The operation with each of the other operators behind its switch. The left side of `&&` and `||` is asked once
/// and first, as it always is.
fn operators(binary: &syn::ExprBinary, mutants: &[Mutant]) -> Option<TokenStream> {
    let (left, op, right) = (&binary.left, &binary.op, &binary.right);
    let logic = matches!(op, syn::BinOp::And(_) | syn::BinOp::Or(_));
    let first = if logic { quote!(__left) } else { quote!(#left) };
    let mut chain = quote!({ #first #op #right });
    for Mutant { id, replacement, .. } in mutants.iter().rev() {
        let other: TokenStream = replacement.parse().ok()?;
        chain = quote!({ if crate::mutant::on(#id) { #first #other #right } else #chain });
    }
    Some(if logic { quote!(({ let __left: bool = #left; #chain })) } else { quote!((#chain)) })
}
