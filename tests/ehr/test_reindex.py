"""A store from before the table of search parameters changed is searched as any other."""

from typing import Any

from sqlalchemy import create_engine, text

from wherry_ehr.migrate import upgrade
from wherry_ehr.store.reindex import reindex


def test_index_rows_are_made_anew_when_the_parameters_have_changed(
    either: Any, store_url: str, make: Any
) -> None:
    either.created(make.patient("1"))
    gone = either.created(make.patient("2"))["id"]
    either.ask("DELETE", f"/Patient/{gone}")
    engine = create_engine(store_url)
    with engine.begin() as connection:
        for table in ("fhir_token", "fhir_string", "fhir_reference", "fhir_date", "fhir_amount"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own table names
        connection.execute(text("UPDATE fhir_resource SET facets = ''"))
        connection.execute(text("DELETE FROM fhir_edition"))
    engine.dispose()
    assert either.found("/Patient?family=test") == []

    upgrade(store_url)

    assert len(either.found("/Patient?family=test")) == 1
    assert len(either.found("/Patient?identifier=urn:example:mrn|1")) == 1
    assert reindex(store_url) == 0
