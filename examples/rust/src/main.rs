//! Search on the digits benchmark.
fn main() {}
