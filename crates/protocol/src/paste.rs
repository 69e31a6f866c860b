//! A command that a person pastes into a terminal: whatever the text is, it stays data.

/// Applies manifests to a real cluster: a here-document that no text can end.
///
/// Terminals take a carriage return for a line end and other control characters for keys; YAML has no use for them.
pub fn apply_command(text: &str) -> String {
    let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(plain).collect();
    let begins = |word: &str| text.lines().any(|line| line.starts_with(word));
    // Where a line begins as the word does, dash loses a byte of what follows.
    let apart = ["EOF", "_EOF", "@EOF", "=EOF", "+EOF", "%EOF"].into_iter();
    let apart = apart.filter(|word| !begins(&word[..1])).map(str::to_owned);
    let numbered = (2_u32..).map(|n| format!("EOF{n}")).filter(|word| !begins(word));
    let end = apart.chain(numbered).next().unwrap_or_default();
    format!("kubectl apply -f - <<'{end}'\n{text}\n{end}")
}

#[cfg(all(test, unix))]
mod tests {
    use super::apply_command;
    use std::process::{Command, Stdio};

    /// What lines are made of: everything that means something to a shell or to a terminal.
    const PARTS: [&str; 28] = [
        "EOF",
        "EOF2",
        "EOF3",
        "'EOF'",
        "\\EOF",
        "\n",
        "\n",
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "'",
        "\"",
        "`touch owned`",
        "$(touch owned)",
        "${HOME}",
        ";",
        "&",
        "|",
        "\\",
        "#",
        "\u{0}",
        "\u{1b}[201~",
        "\u{3}",
        "\u{4}",
        "; touch owned",
        "é한",
    ];

    /// What a shell that is given the command hands to kubectl, with whatever else it prints.
    fn pasted(shell: &str, command: &str) -> String {
        let script = format!("touch() {{ echo OWNED; }}\nkubectl() {{ cat; }}\n{command}\n");
        let run = Command::new(shell).arg("-c").arg(&script).stdin(Stdio::null()).output();
        let output = run.expect("a shell");
        assert!(
            output.stderr.is_empty(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The text as a YAML reader would see it.
    fn seen(text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
    }

    #[test]
    fn no_text_leaves_the_here_document() {
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut draw = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % below as u64).unwrap_or(0)
        };
        for shell in ["sh", "bash"] {
            if Command::new(shell).arg("-c").arg(":").output().is_err() {
                println!("SKIPPED: there is no {shell}");
                continue;
            }
            for _ in 0..150 {
                let text: String = (0..1 + draw(14)).map(|_| PARTS[draw(PARTS.len())]).collect();
                assert_eq!(pasted(shell, &apply_command(&text)), seen(&text) + "\n", "{text:?}");
            }
        }
        let config = "data:\n  a: |\nEOF\ntouch owned\nEOF2\n";
        assert_eq!(pasted("sh", &apply_command(config)), format!("{config}\n"));
    }
}
