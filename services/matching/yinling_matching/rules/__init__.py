"""The hard rules: for one pair in plain words, and for everybody at once."""
