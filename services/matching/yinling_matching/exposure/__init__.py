"""Who was shown how often, and what was said of them."""
