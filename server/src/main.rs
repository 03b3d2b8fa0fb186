//! Server.

mod site;

fn main() {}
