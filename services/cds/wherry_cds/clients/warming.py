"""The first signatures of a process are slow to verify; they are verified before anyone waits."""

from collections.abc import Callable, Mapping

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from wherry_cds.clients.token import Key, Seen, check_signature, key_of

_MADE: Mapping[str, Callable[[], Key]] = {
    "ES384": lambda: ECKey.generate_key("P-384"),
    "RS384": lambda: RSAKey.generate_key(2048),
}


def warm_up() -> None:
    """Verify one signature of each recommended algorithm. Raises: Failure when that is broken."""
    for alg, make in _MADE.items():
        key = make()
        text = jws.serialize_compact({"alg": alg, "typ": "JWT"}, b"{}", key, algorithms=[alg])
        public = key_of(key.as_dict(private=False), alg)
        check_signature(Seen(text, {"alg": alg}, {}), public)
