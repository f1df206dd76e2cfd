"""A cohort at once: people for many requests together, within the places that each person has."""
