"""Mentoring sessions as calendar files, and as a calendar that can be subscribed to."""
