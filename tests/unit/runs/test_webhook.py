"""What a webhook reaches, and what it must not."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from receiver import Receiver, receiving

from nbtrack.runs import webhook
from nbtrack.runs.delivery import DeliveryError
from nbtrack.runs.webhook import is_public, post

PUBLIC = "9.9.9.9"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class Calls:
    """A network in which every address is the receiver's; keeps who was called."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.called: list[tuple[str, int]] = []

    def connect(self, address: tuple[str, int], timeout_s: float) -> socket.socket:
        self.called.append(address)
        return socket.create_connection(("127.0.0.1", self.receiver.port), timeout_s)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "no address",
    ],
)
def test_an_address_of_the_own_network_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2620:fe::fe", "64:ff9b::909:909"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_a_post_arrives_with_its_path_query_and_name(receiver):
    address = f"http://127.0.0.1:{receiver.port}/a%20b/c?tpl=1&m={{{{.message}}}}"

    post(address, b'{"text": "hello"}', may_be_private=True)

    ((path, headers, body),) = receiver.posts
    assert path == "/a%20b/c?tpl=1&m=%7B%7B.message%7D%7D"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert headers["Content-Type"] == "application/json"
    assert body == {"text": "hello"}


def test_this_machine_is_refused_unless_it_is_allowed(receiver):
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1.*ALERT_WEBHOOK_PRIVATE=1"):
        post(receiver.address, b"{}")

    assert receiver.posts == []


def test_a_name_is_looked_up_once_and_the_address_that_was_judged_is_called(receiver):
    """Else a name that is public when it is judged could be private when it is called."""
    answers = [[PUBLIC], ["127.0.0.1"]]
    asked = []
    network = Calls(receiver)

    def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return answers[len(asked) - 1]

    post("http://hooks.example.org/x", b"{}", resolve=rebinding, connect=network.connect)

    assert asked == [("hooks.example.org", 80)]
    assert network.called == [(PUBLIC, 80)]
    assert receiver.posts[0][1]["Host"] == "hooks.example.org"


def test_of_several_addresses_the_private_ones_are_passed_over(receiver):
    network = Calls(receiver)

    post(
        "http://hooks.example.org",
        b"{}",
        resolve=lambda *_: ["10.0.0.1", PUBLIC],
        connect=network.connect,
    )

    assert network.called == [(PUBLIC, 80)]


def test_an_address_that_refuses_is_followed_by_the_next(receiver):
    network = Calls(receiver)

    def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
        if address[0] == "2620:fe::fe":
            network.called.append(address)
            raise OSError("no route to host")
        return network.connect(address, timeout_s)

    post(
        "http://hooks.example.org",
        b"{}",
        resolve=lambda *_: ["2620:fe::fe", PUBLIC],
        connect=connect,
    )

    assert [host for host, _ in network.called] == ["2620:fe::fe", PUBLIC]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    receiver.status, receiver.location = status, "http://169.254.169.254/latest/meta-data"

    with pytest.raises(DeliveryError, match=f"answered {status}, a redirect, which is not"):
        post(receiver.address, b"{}", may_be_private=True)

    assert len(receiver.posts) == 1


def test_a_refusal_is_told_by_its_number_and_the_path_stays_secret(receiver):
    receiver.status = 403

    with pytest.raises(DeliveryError, match="answered 403") as caught:
        post(f"http://127.0.0.1:{receiver.port}/T0/secret", b"{}", may_be_private=True)

    assert "secret" not in str(caught.value)


def test_a_receiver_that_says_nothing_is_given_up(receiver):
    receiver.gate.clear()

    with pytest.raises(DeliveryError, match=r"did not answer within 0\.2 s"):
        post(receiver.address, b"{}", may_be_private=True, timeout_s=0.2)


def test_a_receiver_that_speaks_letter_by_letter_is_given_up():
    """Each letter comes in time; all of them together do not."""
    is_over = threading.Event()

    def drip() -> None:
        link, _ = listener.accept()
        with link:
            while not is_over.wait(0.02):
                try:
                    link.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(DeliveryError, match="did not answer within"):
            post(address, b"{}", may_be_private=True, timeout_s=0.3)
        is_over.set()
        thread.join()


def test_who_does_not_speak_http_is_told_so():
    def babble() -> None:
        link, _ = listener.accept()
        with link:
            link.recv(10_000)
            link.sendall(b"220 mail ready\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(DeliveryError, match="does not answer as a web server does"):
            post(f"http://127.0.0.1:{listener.getsockname()[1]}", b"{}", may_be_private=True)
        thread.join()


def test_a_name_without_addresses_is_told():
    def nowhere(*_: object) -> list[str]:
        raise socket.gaierror("Name or service not known")

    with pytest.raises(DeliveryError, match=r"hooks\.example\.org cannot be reached: Name or"):
        post("https://hooks.example.org", b"{}", resolve=nowhere)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.example.org, made here; the file has its key, too."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hooks -keyout key -out cert"
    named = ["-addext", "subjectAltName=DNS:hooks.example.org"]
    subprocess.run(
        ["openssl", *options.split(), *named],  # noqa: S607 - of the system
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_text((folder / "cert").read_text() + (folder / "key").read_text())
    return both


def test_tls_is_verified_against_the_name_although_an_address_is_called(certificate, monkeypatch):
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate.with_name("cert")))
    monkeypatch.setattr(webhook, "_trust", lambda: trust)
    with receiving(own) as receiver:
        network = Calls(receiver)

        def send(host: str) -> None:
            address = f"https://{host}/x"
            post(address, b"{}", resolve=lambda *_: [PUBLIC], connect=network.connect)

        send("hooks.example.org")
        with pytest.raises(DeliveryError, match="certificate"):
            send("other.example.org")

    assert network.called == [(PUBLIC, 443)] * 2
    assert len(receiver.posts) == 1
