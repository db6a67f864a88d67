"""How candidates are searched: pure ask/tell, one file a strategy."""
