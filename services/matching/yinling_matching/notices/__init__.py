"""Notices of what happened: written with it, handed out to whoever delivers them."""
