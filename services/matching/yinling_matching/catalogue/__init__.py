"""Everybody who may be suggested, in memory and on disk."""
