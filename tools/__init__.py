"""What is done to source code: parse, read, edit. This package only parses; it never runs anything."""
