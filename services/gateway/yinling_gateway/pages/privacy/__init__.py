"""Pages about one's own data: consent, who looked at it, taking it along, and being erased."""
