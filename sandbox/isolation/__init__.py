"""Backends that run a worker apart from the host."""
