//! gp
