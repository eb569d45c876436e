"""The paths by which one measurement came."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
