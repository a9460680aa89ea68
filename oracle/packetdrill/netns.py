"""A network namespace with one tunnel device whose other end is the script, and ears on it."""
import ctypes
import fcntl
import glob
import os
import select
import socket
import struct
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, TUN_F_TSO_ECN = 1, 2, 4, 8
ETH_P_ALL = 3
SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4
VIRTIO_GSO_NONE, VIRTIO_GSO_TCPV4 = 0, 1
VIRTIO_NEEDS_CSUM = 1


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def enter_namespace():
    """The process moves into a fresh namespace and stays there, as do its children. @returns the sysctls of TCP in it"""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare: root is needed")
    sh("ip link set lo up; sysctl -qw net.ipv4.tcp_congestion_control=cubic net.ipv6.conf.all.disable_ipv6=1 "
       "net.ipv6.conf.default.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")
    return {path: read(path) for path in glob.glob("/proc/sys/net/ipv4/[it][pc][p_]*")}


def restore(sysctls):
    """Puts back what a script changed."""
    for path, value in sysctls.items():
        if value is not None and read(path) != value:
            with open(path, "w") as file:
                file.write(value)


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


def sh(text):
    subprocess.run(text, shell=True, check=True)


class Tunnel:
    """tun0 with the addresses of a script; it goes with the process."""

    def __init__(self, addresses):
        self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
        fcntl.ioctl(self.tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)
        batch = (f"link set tun0 mtu {addresses['mtu']} up\n"
                 f"address add {addresses['local']}/{addresses['prefixLength']} dev tun0\n"
                 f"route add {addresses['remote']} via {addresses['gateway']} dev tun0\n"
                 "tcp_metrics flush all\n")
        subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True, capture_output=True)
        self.ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.ears.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.ears.bind(("tun0", ETH_P_ALL))
        self.ears.setblocking(False)

    def inject(self, packet, segment_size=0):
        """@segment_size: the packet stands for several segments of so many bytes, as GRO hands them up."""
        header = struct.pack("<BBHHHH", 0, VIRTIO_GSO_NONE, 0, 0, 0, 0)
        if segment_size:
            header_size = 20 + (packet[32] >> 4) * 4
            # The checksum of a merged packet is left to be filled in: over the pseudo header only.
            pseudo = packet[12:20] + struct.pack("!BBH", 0, 6, len(packet) - 20)
            total = sum(struct.unpack("!6H", pseudo))
            while total >> 16:
                total = (total & 0xFFFF) + (total >> 16)
            packet = packet[:36] + struct.pack("!H", total) + packet[38:]
            header = struct.pack("<BBHHHH", VIRTIO_NEEDS_CSUM, VIRTIO_GSO_TCPV4, header_size, segment_size, 20, 16)
        os.write(self.tun, header + packet)

    def listen(self, until):
        """Waits until packets come or the time is `until` (ns); gives [(time ns, bytes)] of what the host sent."""
        heard = []
        while True:
            while True:
                try:
                    data, extra, _, address = self.ears.recvmsg(1 << 17, 256)
                except BlockingIOError:
                    break
                if address[2] != PACKET_OUTGOING or data[0] >> 4 != 4:
                    continue
                seconds, nanos = struct.unpack("qq", extra[0][2])
                heard.append((seconds * 10**9 + nanos, data))
            try:
                while True:
                    os.read(self.tun, 1 << 17)
            except BlockingIOError:
                pass
            left = until - now()
            if heard or left <= 0:
                return heard
            select.select([self.ears, self.tun], [], [], left / 1e9)
