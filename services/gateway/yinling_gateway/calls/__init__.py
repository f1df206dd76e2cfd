"""Typed calls to the services, a class for each part of the contract."""
