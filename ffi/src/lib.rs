//! The C interface of hotnas.
#![cfg_attr(not(test), no_std)]
