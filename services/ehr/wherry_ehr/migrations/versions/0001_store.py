"""The first tables: the log of versions, current resources, index rows, pages."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _Number, primary_key=key, autoincrement=False, nullable=False)


def _text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _short(name: str, length: int = 64, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), primary_key=key, nullable=False)


def _big(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, primary_key=key, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make fhir_version, fhir_resource, fhir_token, fhir_reference, fhir_date and fhir_page."""
    op.create_table(
        "fhir_version",
        _number("seq", key=True),
        _number("rid"),
        sa.Column("vid", sa.Integer, nullable=False),
        _big("updated"),
        _text("body"),
        sa.UniqueConstraint("rid", "vid", name="fhir_version_rid_vid"),
    )
    op.create_table(
        "fhir_resource",
        _number("rid", key=True),
        _short("type"),
        _short("id"),
        sa.Column("vid", sa.Integer, nullable=False),
        _number("seq"),
        _big("updated"),
        sa.Column("gone", sa.Boolean, nullable=False),
        _short("digest", 32),
        _text("facets"),
        sa.UniqueConstraint("type", "id", name="fhir_resource_type_id"),
    )
    op.create_table(
        "fhir_token",
        _short("param", key=True),
        _text("value", key=True),
        _number("rid", key=True),
        _text("system", key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fhir_reference",
        _short("param", key=True),
        _text("target", key=True),
        _number("rid", key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fhir_date",
        _number("rid", key=True),
        _short("param", key=True),
        _big("start", key=True),
        _big("stop", key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("fhir_date_param", "fhir_date", ["param", "start", "stop"])
    op.create_table("fhir_page", _short("token", key=True), _big("made_at"), _text("state"))
