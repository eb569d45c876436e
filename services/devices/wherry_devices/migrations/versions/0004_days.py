"""Days whose derived numbers are to be made again."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
