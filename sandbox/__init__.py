"""Running untrusted code apart from the host, comparing what it returns, and timing it."""
