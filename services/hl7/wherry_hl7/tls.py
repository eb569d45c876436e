"""Certificate files become the TLS that a listener speaks."""

import ssl

from wherry.errors import Failure, Kind


def server_context(certificate: str, key: str, client_ca: str = "") -> ssl.SSLContext | None:
    """TLS 1.2 or newer; with `client_ca` senders must show a certificate that it signed.

    None without a certificate: the listener then speaks plain TCP.
    Raises: Failure(INVALID) when a file cannot be used. Source: IHE ITI-19 (ATNA), RFC 9325.
    """
    if not certificate:
        if key or client_ca:
            raise Failure(Kind.INVALID, "TLS needs a certificate of our own", at="certificate")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(certificate, key or None)
    except OSError as error:
        raise _unusable(error, "certificate") from None
    if client_ca:
        try:
            context.load_verify_locations(client_ca)
        except OSError as error:
            raise _unusable(error, "client_ca") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def renew(context: ssl.SSLContext, certificate: str, key: str, client_ca: str = "") -> None:
    """Read the files again for connections that come; those that are open go on as they are.

    A CA that is in the file no longer is trusted until the process ends.
    Raises: Failure(INVALID) when a file cannot be used; then nothing is changed.
    """
    server_context(certificate, key, client_ca)
    context.load_cert_chain(certificate, key or None)
    if client_ca:
        context.load_verify_locations(client_ca)


def _unusable(error: OSError, at: str) -> Failure:
    return Failure(Kind.INVALID, f"the file cannot be used ({type(error).__name__})", at=at)
