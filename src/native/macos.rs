//! macOS: places with two spellings, and directories that show other places under another name.
