# SPDX-License-Identifier: Apache-2.0
"""A Java client and server that write with DataOutputStream, which is also what Netty's length fields are: u32be."""

import tempfile

from framedpeers import FramedPeerConversations, compile_program, sources
from wireroomtest import WireroomTestCase, main, require


class Java(FramedPeerConversations, WireroomTestCase):
    wire_format = "u32be"

    @classmethod
    def setUpClass(cls):
        compiler = require("default-jdk-headless", "javac")
        java = require("default-jdk-headless", "java")
        built = tempfile.TemporaryDirectory(prefix="wireroom-java-")
        cls.addClassCleanup(built.cleanup)
        names = ("FramedConnection.java", "FramedClient.java", "FramedServer.java")
        compile_program(compiler, "-Werror", "-d", built.name, *sources("java", *names))
        run = [java, "-XX:TieredStopAtLevel=1", "-cp", built.name]
        cls.client_command = [*run, "FramedClient"]
        cls.server_command = [*run, "FramedServer"]


if __name__ == "__main__":
    main()
