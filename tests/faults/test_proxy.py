"""The faulty network does what it says, so that the campaign's faults are real ones."""

import socket
import threading

import pytest

from tests.faults.proxy import FaultyNetwork


@pytest.fixture
def echo():
    """A server that says back what it hears."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(end,), daemon=True).start()

    def answer(end):
        with end:
            try:
                while piece := end.recv(4096):
                    end.sendall(piece)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture
def network(echo):
    with FaultyNetwork(target=echo) as network:
        yield network


def connect(network):
    end = socket.create_connection(("127.0.0.1", network.port), timeout=5)
    end.settimeout(0.5)
    return end


def test_it_carries_bytes_both_ways(network):
    with connect(network) as end:
        end.sendall(b"hello")
        assert end.recv(10) == b"hello"
        assert network.connections == 1


def test_a_killed_connection_is_reset_and_new_ones_work(network):
    with connect(network) as end:
        end.sendall(b"a")
        assert end.recv(1) == b"a"
        assert network.kill() == 1
        with pytest.raises(ConnectionResetError):
            end.recv(1)
    with connect(network) as end:
        end.sendall(b"b")
        assert end.recv(1) == b"b"


@pytest.mark.parametrize("directions", [(), ("up",), ("down",)])
def test_a_frozen_connection_stays_open_and_silent(network, directions):
    with connect(network) as end:
        end.sendall(b"a")
        assert end.recv(1) == b"a"
        assert network.freeze(*directions) == 1
        end.sendall(b"b")
        with pytest.raises(TimeoutError):
            end.recv(1)
        assert network.connections == 1


def test_one_byte_is_flipped_once(network):
    with connect(network) as end:
        network.corrupt()
        end.sendall(b"hello")
        assert end.recv(10) == b"hemlo"
        end.sendall(b"hello")
        assert end.recv(10) == b"hello"


def test_a_network_that_is_down_refuses(network):
    network.down = True
    with connect(network) as end, pytest.raises(ConnectionResetError):
        end.recv(1)
