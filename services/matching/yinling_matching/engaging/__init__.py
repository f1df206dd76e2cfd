"""What happens between a request and a person: invitations, opt-ins, and the engagements that they lead to."""
