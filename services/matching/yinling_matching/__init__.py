"""The matching service: requests, and the people for them."""
