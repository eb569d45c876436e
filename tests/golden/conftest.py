"""`pytest tests/golden --update-golden` writes what is expected anew; read the diff afterwards."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite expected.json")
