//! Takes out of style sheets and scripts what only people read: comments and indentation. Lines stay lines. Not: shorter names
//! (see `names.rs`) and compression (see `size.rs`).

/// A style sheet without comments and indentation. Quoted text stays as it is.
pub fn style(sheet: &str) -> String {
    let mut plain = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, found) = rest.split_at(at);
        plain.push_str(before);
        let length = match found.chars().next() {
            Some('/') if found.starts_with("/*") => {
                rest = found[2..].find("*/").map_or("", |end| &found[end + 4..]);
                continue;
            }
            Some(quote @ ('"' | '\'')) => found[1..].find(quote).map_or(found.len(), |end| end + 2),
            _ => 1,
        };
        let (kept, after) = found.split_at(length);
        plain.push_str(kept);
        rest = after;
    }
    plain.push_str(rest);
    lines(&plain, |_| true)
}

/// A script without indentation, lines of comment, and comments for documentation that are lines of their own. One with a text
/// over several lines, whose indentation means something, stays as it is.
pub fn script(script: &str) -> String {
    if script.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return script.to_owned();
    }
    let mut documents = false;
    lines(script, |line| {
        documents |= line == "/**";
        let stays = !documents && !line.starts_with("//");
        documents &= line != "*/";
        stays
    })
}

/// The lines that have something and shall stay, without what is around them.
fn lines(text: &str, mut stays: impl FnMut(&str) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if stays(line) {
            plain.push_str(line);
            plain.push('\n');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_keeps_its_rules_and_quoted_texts() {
        let sheet = "/* Two\n   lines. */\n.a,\n.b {\n  content: \"/* a */\";\n  width: calc(1px / 2); /* half */\n}\n\n\
                     .c::before { content: '  \"'; }\n";
        let plain = ".a,\n.b {\ncontent: \"/* a */\";\nwidth: calc(1px / 2);\n}\n.c::before { content: '  \"'; }\n";
        assert_eq!(style(sheet), plain);
        assert_eq!(style(plain), plain);
        assert_eq!(style("a{}/*/ b{} */c{}"), "a{}c{}\n");
        assert_eq!(style("a{}/* never closed"), "a{}\n");
        assert_eq!(style("a{content:\"never closed"), "a{content:\"never closed\n");
    }

    #[test]
    fn a_script_keeps_what_runs() {
        let written = "/**\n * Says something.\n */\nfunction a() {\n    // Why.\n    const b = `${c} // d`;\n\n    return 1\n      / 2;\n}\n";
        assert_eq!(script(written), "function a() {\nconst b = `${c} // d`;\nreturn 1\n/ 2;\n}\n");
        let over_lines = "const a = `\n  // b\n`;\n";
        assert_eq!(script(over_lines), over_lines);
    }
}
