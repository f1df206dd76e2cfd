"""Scores and ranks: people for a request, and requests for a person."""
