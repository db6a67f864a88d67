"""Commands that print figures about Burnish itself."""
