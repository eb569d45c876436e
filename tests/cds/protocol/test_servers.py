"""Which server may be asked, and which next link is followed."""

import pytest

from wherry_cds.protocol.servers import allowed, next_page, same_server

EHR = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://ehr.example.org/fhir", True),
        ("https://ehr.example.org/fhir/", True),
        ("https://EHR.example.org:443/fhir", True),
        ("http://ehr.example.org/fhir", False),
        ("https://ehr.example.org:8443/fhir", False),
        ("https://ehr.example.org/fhir/other", False),
        ("https://ehr.example.org.evil.org/fhir", False),
        ("https://ehr.example.org@evil.org/fhir", False),
        ("https://user:pass@ehr.example.org/fhir", False),
        ("https://ehr.example.org/fhir?x=", False),
        ("https://[::1/fhir", False),
        ("https://ehr.example.org:99999/fhir", False),
        ("ftp://ehr.example.org/fhir", False),
        ("", False),
    ],
)
def test_a_server_is_known_by_its_origin_and_path(other: str, same: bool) -> None:
    assert same_server(other, EHR) is same
    assert allowed(other, [EHR]) is same


def test_no_server_is_allowed_by_an_empty_list() -> None:
    assert not allowed(EHR, [])
    assert not same_server("", "")


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (f"{EHR}/page/2", f"{EHR}/page/2"),
        ("https://ehr.example.org/other?page=2", "https://ehr.example.org/other?page=2"),
        ("?_page=2", f"{EHR}/?_page=2"),
        ("Observation?_page=2", f"{EHR}/Observation?_page=2"),
        ("//evil.org/fhir?page=2", ""),
        ("https://evil.org/fhir?page=2", ""),
        ("http://ehr.example.org/fhir?page=2", ""),
        ("https://ehr.example.org:8443/fhir?page=2", ""),
        ("https://ehr.example.org@evil.org/fhir", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_next_link_is_followed_on_its_own_origin_only(link: str, address: str) -> None:
    assert next_page(link, EHR) == address


def test_no_next_link_is_followed_without_a_server() -> None:
    assert next_page(f"{EHR}/page/2", "") == ""
