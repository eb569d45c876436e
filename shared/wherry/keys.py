"""The text of a setting becomes encryption keys; what is wrong is said without repeating any."""

from base64 import b64decode
from binascii import Error as NotBase64

_KEY_BYTES = 32


def read_keys(text: str) -> tuple[bytes, ...]:
    """Keys of 32 bytes in base64, separated by spaces or commas.

    The first is the one in use.


    Raises: ValueError that says which one is wrong and repeats none of it.
    """
    return tuple(
        _key(word, number) for number, word in enumerate(text.replace(",", " ").split(), 1)
    )


def _key(word: str, number: int) -> bytes:
    try:
        key = b64decode(word, validate=True)
    except NotBase64:
        raise ValueError(f"key {number} is not base64") from None
    if len(key) != _KEY_BYTES:
        raise ValueError(f"key {number} has {len(key)} bytes in place of {_KEY_BYTES}")
    return key
