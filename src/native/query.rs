//! A lenient reading of any bytes as a path, for decisions.
