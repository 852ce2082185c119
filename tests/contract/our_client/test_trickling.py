"""A call ends by its deadline, however its answer trickles in, and holds no more than one answer may have."""

from __future__ import annotations

import ipaddress
import ssl
import time
import zlib
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from posxero.settings import Settings
from posxero.xero import connections_api, identity
from posxero.xero.client import XeroClient
from posxero.xero.errors import OutcomeUnknown, TooLarge, TooSlow, Unavailable, Unreachable
from posxero.xero.exchange import exchange
from posxero.xero.limits import Limits
from posxero.xero.transport import BoundedTransport, open_http
from tests.support.trickling import WAYS, Trickling, empty_gzip_blocks, header_byte_by_byte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

HURRY = {"POSXERO_CONNECT_SECONDS": "0.1", "POSXERO_READ_SECONDS": "0.2", "POSXERO_TOKEN_SECONDS": "0.3"}
PATIENCE = {"POSXERO_CONNECT_SECONDS": "10", "POSXERO_READ_SECONDS": "10", "POSXERO_TOKEN_SECONDS": "10"}
DEADLINE = 0.6  # seconds: twice the token's, and twice connecting and reading
MARGIN = 1.5  # seconds; without a deadline the server goes on for eight


def client(settings: Settings, http: httpx2.Client) -> XeroClient:
    return XeroClient(http, settings.xero.api_url, uuid4(), "token", Limits.connect(settings))


DOORS: dict[str, tuple[Callable[[Settings, httpx2.Client], Any], type[Exception]]] = {
    "read": (lambda s, http: client(s, http).contacts_page(1, 100), TooSlow),
    "write": (lambda s, http: client(s, http).post_contacts([{"ContactID": str(uuid4())}]), OutcomeUnknown),
    "refresh": (lambda s, http: identity.refresh(http, s, "refresh"), OutcomeUnknown),
    "connections": (lambda s, http: connections_api.list_tenants(http, s, "token"), TooSlow),
    "consent": (lambda s, http: identity.exchange_code(http, s, "code", "verifier" * 8), OutcomeUnknown),
}


@pytest.fixture
def serve() -> Iterator[Callable[..., Trickling]]:
    servers: list[Trickling] = []

    def start(answer: Callable[[], Iterator[bytes]], **options: object) -> Trickling:
        servers.append(Trickling(answer, **options))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def told(environment: dict[str, str], redis_url: str) -> Callable[..., Settings]:
    """Return settings with time-outs, short ones by default, of a Xero at this address."""

    def make(url: str, timeouts: Mapping[str, str] = HURRY) -> Settings:
        bases = {f"POSXERO_XERO_{base}_URL": url for base in ("IDENTITY", "API")}
        return Settings.from_env({**environment, **timeouts, **bases, "POSXERO_REDIS_URL": redis_url})

    return make


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_call_ends_by_its_deadline(
    serve: Callable[..., Trickling],
    told: Callable[[str], Settings],
    way: Callable[[], Iterator[bytes]],
    door: str,
) -> None:
    settings = told(serve(way).url)
    call, error = DOORS[door]
    began = time.monotonic()
    with open_http(settings) as http, pytest.raises(error):
        call(settings, http)
    assert time.monotonic() - began < DEADLINE + MARGIN


def test_a_kept_connection_has_the_deadline_of_each_call(
    serve: Callable[..., Trickling], told: Callable[[str], Settings]
) -> None:
    def good_then_slow() -> Iterator[bytes]:
        yield b""
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
        yield from header_byte_by_byte()

    server = serve(good_then_slow)
    settings = told(server.url)
    with open_http(settings) as http:
        assert connections_api.list_tenants(http, settings, "token") == []
        began = time.monotonic()
        with pytest.raises(TooSlow):
            connections_api.list_tenants(http, settings, "token")
    assert time.monotonic() - began < DEADLINE + MARGIN
    assert server.connections == 1


def test_raw_bytes_are_counted_also_where_they_unpack_to_nothing(
    serve: Callable[..., Trickling], told: Callable[[str], Settings]
) -> None:
    settings = told(serve(empty_gzip_blocks, pause=0.001).url)
    with open_http(settings) as http:
        for method, error in (("GET", TooLarge), ("POST", OutcomeUnknown)):
            request = http.build_request(method, settings.xero.api_url)
            with pytest.raises(error):
                exchange(http, request, deadline=DEADLINE, max_bytes=2_000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_a_bomb_is_not_unpacked(serve: Callable[..., Trickling], told: Callable[..., Settings], encoding: str) -> None:
    packed = bomb(encoding)

    def answer() -> Iterator[bytes]:
        yield b""
        yield f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
        yield packed

    settings = told(serve(answer).url, PATIENCE)
    with open_http(settings) as http:
        with pytest.raises((TooLarge, Unavailable)):
            connections_api.list_tenants(http, settings, "token")
        with pytest.raises(OutcomeUnknown):
            identity.exchange_code(http, settings, "code", "verifier" * 8)
        with pytest.raises(OutcomeUnknown):
            client(settings, http).put_contact({"Name": "A"}, "key")


def test_a_secure_connection_ends_by_its_deadline(
    serve: Callable[..., Trickling], told: Callable[[str], Settings], tmp_path: Path
) -> None:
    ours, theirs = certificate(tmp_path)
    settings = told(serve(header_byte_by_byte, tls=theirs).url)
    began = time.monotonic()
    with httpx2.Client(transport=BoundedTransport(verify=ours)) as http, pytest.raises(TooSlow):
        connections_api.list_tenants(http, settings, "token")
    assert time.monotonic() - began < DEADLINE + MARGIN


def test_a_handshake_that_never_comes_is_not_waited_for(
    serve: Callable[..., Trickling], told: Callable[[str], Settings]
) -> None:
    settings = told(serve(header_byte_by_byte).url.replace("http:", "https:"))
    with open_http(settings) as http, pytest.raises(Unreachable):
        connections_api.list_tenants(http, settings, "token")


def test_a_host_that_is_not_looked_up_in_time_is_unreachable(
    told: Callable[[str], Settings],
) -> None:
    looked_up: list[object] = []

    def resolve(host: object, *_args: object, **_named: object) -> list[object]:
        looked_up.append(host)
        Event().wait(3)
        return []

    transport = BoundedTransport(resolve=resolve)
    settings = told("http://xero.example")
    began = time.monotonic()
    with open_http(settings, transport=transport) as http, pytest.raises(Unreachable):
        connections_api.list_tenants(http, settings, "token")
    assert time.monotonic() - began < DEADLINE + MARGIN
    assert looked_up == ["xero.example"]


def test_a_proxy_of_the_environment_is_used(
    serve: Callable[..., Trickling], told: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer() -> Iterator[bytes]:
        yield b""
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

    monkeypatch.setenv("http_proxy", serve(answer).url)
    settings = told("http://xero.example")
    with open_http(settings) as http:
        assert connections_api.list_tenants(http, settings, "token") == []


def bomb(encoding: str) -> bytes:
    """Pack 256 MB of nothing."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16 if encoding != "deflate" else zlib.MAX_WBITS)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()
    return zlib.compress(packed, wbits=zlib.MAX_WBITS | 16) if "," in encoding else packed


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make the two ends of a secure connection to 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now, public = datetime.now(UTC), key.public_key()
    built = x509.CertificateBuilder(name, name, public, x509.random_serial_number(), now, now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = built.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    pem, text = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, text, serialization.NoEncryption()))
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return ssl.create_default_context(cafile=str(folder / "cert.pem")), theirs
