//! `podplay diff`: two runs, the first moment at which they part, and what is different.

use super::run::{Changed, compute, print, version};
use super::{Outcome, span};
use crate::files;
use clap::Args;
use podplay_core::version::{Kubernetes, Version, changes};
use podplay_playback::{Span, compare};

/// Options of `podplay diff`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The first text
    a: String,
    /// The second text
    #[arg(required_unless_present = "kubernetes", conflicts_with = "kubernetes")]
    b: Option<String>,
    /// Run one text with two versions of Kubernetes, such as 1.34,1.36
    #[arg(long, value_parser = version, value_delimiter = ',')]
    kubernetes: Vec<Version>,
    /// How far to run both
    #[arg(long, value_parser = span)]
    until: Option<Span>,
    #[command(flatten)]
    assume: super::Assumptions,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let assume = options.assume.chosen();
    let plain = Changed { until: options.until, assume, ..Changed::default() };
    let text = files::read(&options.a)?;
    let found = match (&options.kubernetes[..], &options.b) {
        (&[a, b], _) => return versions(&text, plain, a, b),
        (_, Some(b)) => compare::runs(&compute(&text, plain), &compute(&files::read(b)?, plain)),
        _ => return Err("give a second text, or --kubernetes with two versions".to_owned()),
    };
    print(&found.text(&options.a, options.b.as_deref().unwrap_or_default()));
    Ok(i32::from(!found.is_empty()))
}

/// One text with two versions: what is different, and which changes upstream it comes from.
fn versions(text: &str, plain: Changed, a: Version, b: Version) -> Outcome {
    let with = |kubernetes| compute(text, Changed { kubernetes: Some(kubernetes), ..plain });
    let newer = Kubernetes::of(a.max(b));
    let found = compare::runs(&with(Kubernetes::of(a)), &with(Kubernetes::of(b)));
    print(&found.text(&format!("Kubernetes {}", a.name()), &format!("Kubernetes {}", b.name())));
    let whole = with(newer);
    let mut behind = String::new();
    for change in changes(a, b) {
        // A change is behind it if the newer version without it goes another way.
        let without = Kubernetes { undone: Some(change.difference), ..newer };
        if !compare::runs(&with(without), &whole).is_empty() {
            behind += &format!("  {}: {} ({})\n", change.name, change.what, change.upstream);
        }
    }
    if !behind.is_empty() {
        print(&format!("\nBehind it\n{behind}"));
    }
    Ok(i32::from(!found.is_empty()))
}
