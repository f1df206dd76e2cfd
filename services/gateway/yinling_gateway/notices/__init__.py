"""Tells people what happened: on their page, by e-mail, and through webhooks."""
