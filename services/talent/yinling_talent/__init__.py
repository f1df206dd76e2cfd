"""The talent service: keeps the profiles of retired experts."""
