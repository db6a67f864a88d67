"""The record of a run: events, texts by hash, budget."""
