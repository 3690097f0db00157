//! Tasks of the project: `cargo xtask help`.
mod header;

fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = header::generate(&root).unwrap_or_else(|e| panic!("{e}"));
    std::fs::create_dir_all(root.join("include")).unwrap();
    std::fs::write(root.join("include/hotnas.h"), text).unwrap();
}
