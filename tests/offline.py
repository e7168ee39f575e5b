"""Run a command with no network but this machine's own: ``python tests/offline.py COMMAND …``.

A book that must work behind a firewall is tested behind one. Linux can give a process an empty
network of its own (unshare); where that is not allowed, the command runs with the network, and
says so.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def leave_network() -> bool:
    """Move this process into an empty network with a working loopback; whether that was allowed."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        rootless = 0 if os.geteuid() == 0 else CLONE_NEWUSER
        if libc.unshare(CLONE_NEWNET | rootless) != 0:
            return False
        raise_loopback()
    except (AttributeError, OSError):  # not Linux, or a container that forbids it
        return False
    return True


def raise_loopback() -> None:
    """Jupyter kernels talk over 127.0.0.1, which starts switched off in a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh14x", b"lo", 0)
        _, flags = struct.unpack("16sh14x", fcntl.ioctl(handle, SIOCGIFFLAGS, request))
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python tests/offline.py COMMAND [ARGUMENT …]")
    offline = leave_network()
    print(
        "network: off" if offline else "network: on (this machine does not allow unshare)",
        flush=True,
    )
    os.execvp(sys.argv[1], sys.argv[1:])
