"""The library's rules: who may borrow what, for how long, and what happens next. Knows no chat, no web, no language."""
