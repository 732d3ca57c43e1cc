# SPDX-License-Identifier: Apache-2.0
"""A .NET client and server of the Begin/End kind, with a state object for each connection: u32le."""

import os
import tempfile

from framedpeers import FramedPeerConversations, compile_program, sources
from wireroomtest import WireroomTestCase, main, require


class DotNet(FramedPeerConversations, WireroomTestCase):
    wire_format = "u32le"

    @classmethod
    def setUpClass(cls):
        compiler = require("mono-mcs", "mcs")
        mono = require("mono-runtime", "mono")
        built = tempfile.TemporaryDirectory(prefix="wireroom-dotnet-")
        cls.addClassCleanup(built.cleanup)
        shared = sources("dotnet", "ConnectionState.cs", "Terminal.cs")
        for name in ("Client", "Server"):
            program = os.path.join(built.name, f"{name}.exe")
            compile_program(compiler, "-warnaserror", f"-out:{program}", *sources("dotnet", f"{name}.cs"), *shared)
        cls.client_command = [mono, os.path.join(built.name, "Client.exe")]
        cls.server_command = [mono, os.path.join(built.name, "Server.exe")]


if __name__ == "__main__":
    main()
