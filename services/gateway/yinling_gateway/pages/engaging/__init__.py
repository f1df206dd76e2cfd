"""Pages of what happens between a request and a person, for the enterprise, the person and their office."""
