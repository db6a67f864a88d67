"""One file a command of the `burnish` command line; each is registered in the entry-point group burnish.commands."""
