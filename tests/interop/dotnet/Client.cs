// SPDX-License-Identifier: Apache-2.0
using System;
using System.Net.Sockets;
using System.Threading;

/// Client.exe HOST PORT: sends each line typed, prints each message that comes; ends when the server does.
static class Client
{
    static readonly ManualResetEvent connected = new ManualResetEvent(false);
    static readonly ManualResetEvent finished = new ManualResetEvent(false);
    static ConnectionState connection;

    static void Main(string[] arguments)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.BeginConnect(arguments[0], int.Parse(arguments[1]), OnConnected, socket);
        connected.WaitOne();
        for (string line; (line = Terminal.Input.ReadLine()) != null;)
            connection.Send(line);
        connection.FinishSending();
        finished.WaitOne();
        connection.Close();
    }

    static void OnConnected(IAsyncResult result)
    {
        var socket = (Socket)result.AsyncState;
        socket.EndConnect(result);
        connection = new ConnectionState(socket, (state, text) => Terminal.Output.WriteLine("received " + text),
                                         state => finished.Set());
        connection.Receive();
        connected.Set();
    }
}
