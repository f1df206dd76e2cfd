"""What is counted over many people, from more than one service."""
