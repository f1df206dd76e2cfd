"""Follows the change feed of profiles."""
