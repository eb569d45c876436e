"""private_key_jwt: what proves a client, and what proves nothing."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.keys import (
    assertion,
    ec,
    key_server,
    public,
    rsa,
    sign,
    stranger,
    unsigned,
)
from tests.conformance.smart.server import App, Server, error_of

SCOPE = "system/Patient.rs"
Make = Callable[[str, str], str]


def _status(server: Server, app: App, made: str, **more: Any) -> str:
    answer = server.credentials(app, SCOPE, client_assertion=made, **more)
    return "good" if answer.status_code == 200 else error_of(answer)


def _now() -> int:
    return int(time.time())


@proves(249, 310, 335)
def rs384_and_es384_are_both_taken(server: Server) -> None:
    for key in (ec(), rsa()):
        made = assertion(server.backend.client_id, server.config["token_endpoint"], key=key)
        equal(_status(server, server.backend, made), "good", "a good assertion")


def _bad() -> dict[str, Make]:
    """Assertions that prove nothing, by what is wrong with them."""
    now = _now()
    own = RSAKey.import_key(rsa().as_dict(private=False))
    pem = own.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = stranger()
    return {
        "expired": lambda c, t: assertion(c, t, exp=now - 10),
        "for longer than five minutes": lambda c, t: assertion(c, t, exp=now + 3600),
        "without an end": lambda c, t: assertion(c, t, exp=None),
        "not good yet": lambda c, t: assertion(c, t, nbf=now + 120),
        "without an id": lambda c, t: assertion(c, t, jti=None),
        "without issuer": lambda c, t: assertion(c, t, iss=None),
        "of another issuer": lambda c, t: assertion(c, t, iss="somebody"),
        "about somebody else": lambda c, t: assertion(c, t, sub="somebody"),
        "for another server": lambda c, t: assertion(c, "https://evil.example/token"),
        "for nobody": lambda c, t: assertion(c, t, aud=None),
        "of an unknown key id": lambda c, t: assertion(c, t, header={"kid": "unknown"}),
        "without a key id": lambda c, t: assertion(c, t, header={"kid": None}),
        "without a type": lambda c, t: assertion(c, t, header={"typ": None}),
        "signed by a stranger": lambda c, t: assertion(c, t, key=other),
        "with its own key": lambda c, t: assertion(
            c, t, key=other, header={"jwk": other.as_dict(private=False)}
        ),
        "with a foreign key set": lambda c, t: assertion(
            c, t, key=other, header={"jku": "http://127.0.0.1:9/evil.json"}
        ),
        "unsigned": lambda c, t: unsigned(_claims(c, t), kid="suite-ec"),
        "signed with a public key as secret": lambda c, t: sign(
            {"alg": "HS384", "typ": "JWT", "kid": "suite-rsa"}, _claims(c, t), pem
        ),
        "of an algorithm that does not fit the key": lambda c, t: assertion(
            c, t, key=rsa(), header={"kid": "suite-ec"}
        ),
        "with a changed claim": lambda c, t: _tampered(assertion(c, t)),
        "cut short": lambda c, t: assertion(c, t)[:-4],
        "no JWT at all": lambda c, t: "made.up.text",
    }


@proves(249, 335, 337, 338, 340)
def an_assertion_that_is_wrong_anywhere_is_refused(server: Server) -> None:
    app, url = server.backend, server.config["token_endpoint"]
    for what, make in _bad().items():
        equal(_status(server, app, make(app.client_id, url)), "invalid_client", what)
    equal(_status(server, app, assertion(app.client_id, url)), "good", "a good one after them")


@proves(340)
def another_type_of_assertion_is_refused(server: Server) -> None:
    made = assertion(server.backend.client_id, server.config["token_endpoint"])
    for type_ in ("made-up", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", None):
        found = _status(server, server.backend, made, client_assertion_type=type_)
        equal(found, "invalid_client", "its type")


@proves(336)
def an_assertion_works_once(server: Server) -> None:
    app, url = server.backend, server.config["token_endpoint"]
    made = assertion(app.client_id, url)
    found = [_status(server, app, made) for _ in range(2)]
    equal(found, ["good", "invalid_client"], "the same assertion twice")
    again = assertion(app.client_id, url, jti="suite-the-same-id")
    once_more = assertion(app.client_id, url, jti="suite-the-same-id", exp=_now() + 200)
    found = [_status(server, app, one) for one in (again, once_more)]
    expect(found[1] == "invalid_client", "an id that was used before")
    other = server.service(SCOPE)
    fresh = assertion(other.client_id, url, jti="suite-the-same-id")
    equal(_status(server, other, fresh), "good", "the same id of another client")


@proves(337)
def the_client_has_to_be_known_and_the_same_everywhere(server: Server) -> None:
    app, url = server.backend, server.config["token_endpoint"]
    nobody = assertion("nobody-of-this-name", url)
    equal(_status(server, app, nobody), "invalid_client", "an unknown client")
    other = server.service(SCOPE, jwks=public(stranger("other")))
    made = assertion(app.client_id, url)
    found = _status(server, app, made, client_id=other.client_id)
    equal(found, "invalid_client", "a client_id beside that of the assertion")


@proves(297)
def keys_are_registered_by_value(server: Server) -> None:
    own = stranger("by-value")
    app = server.service(SCOPE, jwks=public(own))
    made = assertion(app.client_id, server.config["token_endpoint"], key=own)
    equal(_status(server, app, made), "good", "a registered key")


@proves(296, 339)
def keys_are_registered_by_address(server: Server) -> None:
    url = server.config["token_endpoint"]
    with key_server() as served:
        app = server.service(SCOPE, jwks=None, jwks_uri=served.url)
        equal(_status(server, app, assertion(app.client_id, url)), "good", "keys at an address")
        expect(served.asked and set(served.asked) == {"GET"}, "it was not asked with GET")
        named = assertion(app.client_id, url, header={"jku": served.url})
        equal(_status(server, app, named), "good", "jku is the registered address")
        for foreign in (f"{served.url}?x", served.url.replace("127.0.0.1", "localhost"), ""):
            made = assertion(app.client_id, url, header={"jku": foreign})
            equal(_status(server, app, made), "invalid_client", "jku is another address")


@proves(338)
def a_key_id_has_to_mean_exactly_one_key(server: Server) -> None:
    url = server.config["token_endpoint"]
    first, second = stranger("twice"), stranger("twice")
    app = server.service(SCOPE, jwks=public(first, second))
    for key in (first, second):
        made = assertion(app.client_id, url, key=key)
        equal(_status(server, app, made), "invalid_client", "one of two keys of this id")
    both = RSAKey.generate_key(2048, {"kid": "twice"})
    mixed = server.service(SCOPE, jwks=public(first, both))
    for fitting in (first, both):
        made = assertion(mixed.client_id, url, key=fitting)
        equal(_status(server, mixed, made), "good", "the id is shared by a key of another type")


@proves(341, 342)
def a_key_set_is_kept_as_long_as_it_says_and_no_longer(server: Server) -> None:
    url = server.config["token_endpoint"]
    with key_server() as served:
        app = server.service(SCOPE, jwks=None, jwks_uri=served.url)

        def good() -> int:
            equal(_status(server, app, assertion(app.client_id, url)), "good", "an assertion")
            return len(served.asked)

        served.cache = "no-store"
        first, second = good(), good()
        expect(second > first, "it is kept in spite of no-store")
        served.cache = "max-age=2"
        third, fourth = good(), good()
        equal(fourth, third, "it is asked for again within its time")
        time.sleep(3.1)
        served.keys = public(stranger("new"))
        found = _status(server, app, assertion(app.client_id, url))
        equal(found, "invalid_client", "a key that was taken back")
        expect(len(served.asked) > fourth, "it is kept for longer than it says")


@proves(305)
def a_registered_key_set_cannot_be_replaced(server: Server) -> None:
    url, own, other = server.config["token_endpoint"], stranger("own"), stranger("own")
    app = server.service(SCOPE, jwks=public(own))
    again = server.registration(
        client_id=app.client_id, scope=SCOPE, redirect_uris=[], launch_url="", jwks=public(other)
    )
    expect(server.seam.register(again).status_code in {400, 403, 409}, "registered once more")
    theirs = assertion(app.client_id, url, key=other)
    equal(_status(server, app, theirs), "invalid_client", "a key that was put in its place")
    ours = assertion(app.client_id, url, key=own)
    equal(_status(server, app, ours), "good", "the registered key")


def _claims(client_id: str, url: str) -> dict[str, Any]:
    return {"iss": client_id, "sub": client_id, "aud": url, "exp": _now() + 200, "jti": "suite-x"}


def _tampered(made: str) -> str:
    head, body, signature = made.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["jti"] = "changed"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"
