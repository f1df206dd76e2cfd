"""What people may know and decide of what matching keeps about them."""
