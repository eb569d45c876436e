"""Index rows for texts, numbers and quantities; and by which parameters all rows were made."""

import sqlalchemy as sa
from alembic import op

revision = "0003_search"
down_revision = "0002"

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, _Number, primary_key=True, autoincrement=False, nullable=False)


def _text(name: str, type_: "sa.types.TypeEngine[str]") -> "sa.Column[str]":
    return sa.Column(name, type_, primary_key=True, nullable=False)


def _double(name: str) -> "sa.Column[float]":
    return sa.Column(name, sa.Double, primary_key=True, autoincrement=False, nullable=False)


def upgrade() -> None:
    """Make fhir_string, fhir_amount and fhir_edition."""
    by_code_point = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "fhir_string",
        _number("rid"),
        _text("param", sa.String(64)),
        _text("norm", by_code_point),
        _text("exact", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("fhir_string_param", "fhir_string", ["param", "norm"])
    op.create_table(
        "fhir_amount",
        _number("rid"),
        _text("param", sa.String(64)),
        _double("low"),
        _double("high"),
        *(_text(name, sa.Text()) for name in ("system", "code", "unit")),
        sqlite_with_rowid=False,
    )
    op.create_index("fhir_amount_param", "fhir_amount", ["param", "low", "high"])
    op.create_table("fhir_edition", _text("edition", sa.String(16)))
