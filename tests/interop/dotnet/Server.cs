// SPDX-License-Identifier: Apache-2.0
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;

/// Server.exe: listens on a free port, answers each message with "you said …", sends each line typed to everybody.
static class Server
{
    static readonly Socket listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    static readonly List<ConnectionState> connections = new List<ConnectionState>();

    static void Main()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        Terminal.Output.WriteLine("listening " + ((IPEndPoint)listener.LocalEndPoint).Port);
        listener.BeginAccept(OnAccepted, null);
        for (string line; (line = Terminal.Input.ReadLine()) != null;)
        {
            lock (connections)
                connections.ForEach(connection => connection.Send(line));
        }
    }

    static void OnAccepted(IAsyncResult result)
    {
        var connection = new ConnectionState(listener.EndAccept(result), OnMessage, OnEnded);
        lock (connections)
            connections.Add(connection);
        Terminal.Output.WriteLine("connected");
        connection.Receive();
        listener.BeginAccept(OnAccepted, null);
    }

    static void OnMessage(ConnectionState connection, string text)
    {
        Terminal.Output.WriteLine("received " + text);
        connection.Send("you said " + text);
    }

    static void OnEnded(ConnectionState connection)
    {
        lock (connections)
            connections.Remove(connection);
        connection.Close();
        Terminal.Output.WriteLine("disconnected");
    }
}
