"""The state machine, and the ways people use it."""
