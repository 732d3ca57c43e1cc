// SPDX-License-Identifier: Apache-2.0
using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Text;

/// The state object of one connection: what travels from BeginReceive and BeginSend to their callbacks.
///
/// A message is a length of four bytes as BitConverter writes it (little-endian on x86), then so many bytes of UTF-8.
/// The length and the text leave in separate sends.
sealed class ConnectionState
{
    readonly Socket socket;
    readonly Action<ConnectionState, string> received;
    readonly Action<ConnectionState> ended;

    byte[] target = new byte[4];
    int count;
    bool inBody;

    readonly object sendLock = new object();
    readonly Queue<byte[]> outgoing = new Queue<byte[]>();
    int sent;
    bool sending;
    bool finishing;

    public ConnectionState(Socket socket, Action<ConnectionState, string> received, Action<ConnectionState> ended)
    {
        this.socket = socket;
        this.received = received;
        this.ended = ended;
        socket.NoDelay = true;
    }

    public void Receive()
    {
        socket.BeginReceive(target, count, target.Length - count, SocketFlags.None, OnReceived, this);
    }

    static void OnReceived(IAsyncResult result)
    {
        var state = (ConnectionState)result.AsyncState;
        int bytes = state.socket.EndReceive(result);
        if (bytes == 0)
        {
            state.ended(state);
            return;
        }
        state.count += bytes;
        if (state.count == state.target.Length)
            state.PartComplete();
        state.Receive();
    }

    void PartComplete()
    {
        if (!inBody)
        {
            uint length = BitConverter.ToUInt32(target, 0);
            inBody = length > 0;
            target = new byte[inBody ? length : 4];
            if (!inBody)
                received(this, "");
        }
        else
        {
            string text = Encoding.UTF8.GetString(target);
            inBody = false;
            target = new byte[4];
            received(this, text);
        }
        count = 0;
    }

    public void Send(string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        lock (sendLock)
        {
            outgoing.Enqueue(BitConverter.GetBytes((uint)body.Length));
            if (body.Length > 0)
                outgoing.Enqueue(body);
            if (!sending)
                SendNext();
        }
    }

    /// What was sent still leaves; then the other side reads the end.
    public void FinishSending()
    {
        lock (sendLock)
        {
            finishing = true;
            if (!sending)
                SendNext();
        }
    }

    void SendNext()
    {
        sending = outgoing.Count > 0;
        if (sending)
        {
            byte[] part = outgoing.Peek();
            socket.BeginSend(part, sent, part.Length - sent, SocketFlags.None, OnSent, this);
        }
        else if (finishing)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    static void OnSent(IAsyncResult result)
    {
        var state = (ConnectionState)result.AsyncState;
        lock (state.sendLock)
        {
            state.sent += state.socket.EndSend(result);
            if (state.sent == state.outgoing.Peek().Length)
            {
                state.outgoing.Dequeue();
                state.sent = 0;
            }
            state.SendNext();
        }
    }

    public void Close()
    {
        socket.Close();
    }
}
