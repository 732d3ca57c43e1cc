# SPDX-License-Identifier: Apache-2.0
"""Other servers that pass messages on, each with a configuration of its own that lets it run as fast as it can."""
import dataclasses
import shutil

REDIS = """bind 127.0.0.1
port {port}
dir {folder}
daemonize no
save ""
appendonly no
maxclients 12000
client-output-buffer-limit pubsub 0 0 0
"""

NATS = """listen: 127.0.0.1:{port}
max_connections: 12000
max_pending: 268435456
"""

MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
max_queued_messages 0
log_type error
"""

NGIRCD = """[Global]
Name = irc.bench.invalid
Info = bench
Listen = 127.0.0.1
Ports = {port}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 600
PongTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
"""


@dataclasses.dataclass(frozen=True)
class Peer:
    program: str
    configuration: str
    arguments: tuple   # {file}: the configuration's
    wire: str          # bench_load's name of what it speaks


PEERS = {
    "redis": Peer("redis-server", REDIS, ("{file}",), "redis"),
    "nats": Peer("nats-server", NATS, ("-c", "{file}"), "nats"),
    "mosquitto": Peer("mosquitto", MOSQUITTO, ("-c", "{file}"), "mqtt"),
    "ngircd": Peer("ngircd", NGIRCD, ("-n", "-f", "{file}"), "irc"),
}


def path_of(name):
    """Where the program is; None where it is not installed."""
    program = PEERS[name].program
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/usr/bin")


def command_for(name, port, folder):
    """Writes the configuration into the folder; the command that runs with it, in the foreground."""
    peer = PEERS[name]
    file = folder / "peer.conf"
    file.write_text(peer.configuration.format(port=port, folder=folder))
    # Some give up being root, and read their configuration later.
    folder.chmod(0o755)
    return [path_of(name), *(argument.format(file=file) for argument in peer.arguments)]
