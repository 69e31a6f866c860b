//! Brace expansion, as in bash: `{a,b}` and `{1..5}`. Only literal parts are looked at.

use super::ast::{Part, Word};

use crate::limits::NAMES as MOST;

/// The words that a word stands for.
pub(super) fn expand(word: &Word) -> Vec<Word> {
    let Some(Part::Lit(_)) =
        word.parts.iter().find(|p| matches!(p, Part::Lit(t) if t.contains('{')))
    else {
        return vec![word.clone()];
    };
    let mut done: Vec<Word> = vec![Word::default()];
    for part in &word.parts {
        let choices = match part {
            Part::Lit(text) if text.contains('{') => {
                literal(text, 0).into_iter().map(Part::Lit).collect()
            }
            other => vec![other.clone()],
        };
        if done.len() * choices.len() > MOST {
            return vec![word.clone()];
        }
        done = done
            .iter()
            .flat_map(|head| {
                choices.iter().map(|choice| {
                    let mut word = head.clone();
                    word.parts.push(choice.clone());
                    word
                })
            })
            .collect();
    }
    done
}

fn literal(text: &str, depth: u32) -> Vec<String> {
    let unchanged = vec![text.to_owned()];
    let Some((open, close)) = group(text) else { return unchanged };
    if depth > 20 {
        return unchanged;
    }
    let inside = &text[open + 1..close];
    let middles = match range(inside) {
        Some(items) => items,
        None => {
            let items = split(inside);
            if items.len() < 2 {
                return unchanged;
            }
            items.iter().flat_map(|item| literal(item, depth + 1)).collect()
        }
    };
    let tails = literal(&text[close + 1..], depth + 1);
    if middles.len() * tails.len() > MOST {
        return unchanged;
    }
    let head = &text[..open];
    middles.iter().flat_map(|m| tails.iter().map(move |t| format!("{head}{m}{t}"))).collect()
}

/// The first balanced pair of braces.
fn group(text: &str) -> Option<(usize, usize)> {
    let open = text.find('{')?;
    let mut depth = 0;
    for (i, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((open, open + i));
                }
            }
            _ => {}
        }
    }
    None
}

fn split(inside: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = items.last_mut() {
            last.push(c);
        }
    }
    items
}

fn range(inside: &str) -> Option<Vec<String>> {
    let mut ends = inside.split("..");
    let (first, last, step) = (ends.next()?, ends.next()?, ends.next());
    if let (Ok(a), Ok(b)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let step = step.map_or(Some(1), |s| s.parse::<i64>().ok())?.unsigned_abs().max(1);
        if a.abs_diff(b) / step > MOST as u64 {
            return None;
        }
        let width = if first.starts_with('0') && first.len() > 1 { first.len() } else { 0 };
        let count = a.abs_diff(b) / step;
        let item = |i: u64| {
            let offset = i.wrapping_mul(step) as i64;
            let n = if a <= b { a.wrapping_add(offset) } else { a.wrapping_sub(offset) };
            let digits = n.unsigned_abs().to_string();
            let sign = if n < 0 { "-" } else { "" };
            let zeros = width.saturating_sub(digits.len() + sign.len());
            format!("{sign}{}{digits}", "0".repeat(zeros))
        };
        return Some((0..=count).map(item).collect());
    }
    let (mut a, mut b) = (first.chars(), last.chars());
    match (a.next()?, a.next(), b.next()?, b.next()) {
        (a, None, b, None) if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            let (a, b) = (a as u8, b as u8);
            let letters: Vec<u8> = if a <= b { (a..=b).collect() } else { (b..=a).rev().collect() };
            Some(letters.into_iter().map(|c| char::from(c).to_string()).collect())
        }
        _ => None,
    }
}
