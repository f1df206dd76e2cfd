"""What the command tells its user when it cannot go on."""


class Problem(Exception):
    """Something the user can do something about: what is wrong, and what to do."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
