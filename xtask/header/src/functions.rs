//! Which functions a C header declares.

/// The names, in the order of the header: every `hotnas_...` that a parenthesis follows outside comments and
/// preprocessor lines. The name of a pointer to a function is followed by `)`, so it is not among them; what
/// such a function returns is followed by `(*`.
pub(crate) fn declared(header: &str) -> Vec<String> {
    let code = without_comments(header);
    let mut names: Vec<String> = Vec::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with('#')) {
        for (at, _) in line.match_indices('(').filter(|&(at, _)| !line[at..].starts_with("(*")) {
            let before = line[..at].trim_end();
            let start = before.rfind(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let name = start.map_or(before, |at| &before[at + 1..]);
            if name.starts_with("hotnas_") && !names.iter().any(|known| known == name) {
                names.push(name.into());
            }
        }
    }
    names
}

fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/*").into_iter().chain(rest.find("//")).min() {
        code.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("/*") { "*/" } else { "\n" };
        let inside = &rest[at + 2..];
        let after = inside.find(end).map_or("", |at| &inside[at..]);
        rest = if end == "*/" { after.strip_prefix(end).unwrap_or(after) } else { after };
    }
    code.push_str(rest);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_and_nothing_else() {
        let header = "/* hotnas_no(1) // */\n#define hotnas_not(x) x // hotnas_nor(2)\n\
            typedef int32_t (*hotnas_decode)(void *user);\n    hotnas_real (*cost)(void *user);\n\
            hotnas_status hotnas_cell_build(const struct hotnas_x *x,\n                        hotnas_real y);\n\
            /** `hotnas_never(3)` */\nconst char *hotnas_status_message(hotnas_status status);\n\
            uint32_t hotnas_version(void); // the end";
        assert_eq!(declared(header), ["hotnas_cell_build", "hotnas_status_message", "hotnas_version"]);
        assert!(declared("/* hotnas_open(").is_empty());
    }
}
