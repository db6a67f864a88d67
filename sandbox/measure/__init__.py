"""Timing, statistics and profiles."""
