"""Figures for the people who run it: what became of requests, and what is asked for and offered in vain."""
