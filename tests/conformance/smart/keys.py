"""Keys of the suite's own apps, assertions signed with them, and a loopback key set server."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Key = ECKey | RSAKey


@cache
def ec() -> ECKey:
    """The EC key that most apps sign with."""
    return ECKey.generate_key("P-384", {"kid": "suite-ec", "alg": "ES384", "use": "sig"})


@cache
def rsa() -> RSAKey:
    """The RSA key."""
    return RSAKey.generate_key(2048, {"kid": "suite-rsa", "alg": "RS384", "use": "sig"})


def stranger(kid: str = "suite-ec") -> ECKey:
    """A key that nobody registered."""
    return ECKey.generate_key("P-384", {"kid": kid})


def public(*keys: Key) -> dict[str, Any]:
    """Their key set."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def assertion(
    client_id: str, token_url: str, *, key: Key | None = None, header: Any = None, **changes: Any
) -> str:
    """A good client assertion, unless something is changed; None leaves a member out."""
    key = key or ec()
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": token_url,
        "exp": int(time.time()) + 240,
        "jti": secrets.token_urlsafe(16),
        **changes,
    }
    alg = "RS384" if isinstance(key, RSAKey) else "ES384"
    head = {"alg": alg, "typ": "JWT", "kid": key.kid, **(header or {})}
    return sign(
        {name: value for name, value in head.items() if value is not None},
        {name: value for name, value in claims.items() if value is not None},
        key,
    )


def sign(header: dict[str, Any], claims: dict[str, Any], key: Key | bytes) -> str:
    """A compact JWS with exactly this header, however wrong it is; a secret of bytes is for HS384.

    Source: RFC 7515, 7.1.
    """
    text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    if isinstance(key, bytes):
        return f"{text}.{encoded(hmac.digest(key, text.encode(), 'sha384'))}"
    alg = JWSRegistry(algorithms=[header["alg"]]).get_alg(header["alg"])
    return f"{text}.{encoded(alg.sign(text.encode(), key))}"


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    """A token of algorithm none."""
    parts = [{"alg": "none", "typ": "JWT", **header}, claims]
    return ".".join(encoded(json.dumps(part).encode()) for part in parts) + "."


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge(verifier: str) -> str:
    """The S256 challenge. Source: RFC 7636, 4.2."""
    return encoded(hashlib.sha256(verifier.encode()).digest())


class KeyServer:
    """A key set at an address, with what the suite says of keeping it; counts who asks."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = public(ec())
        self.cache = "no-store"
        self.asked: list[str] = []
        self.url = ""


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """Serve a key set on a free loopback port."""
    served = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.command)
            body = json.dumps(served.keys).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", served.cache)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{httpd.server_port}/jwks.json"
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
