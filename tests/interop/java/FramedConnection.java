// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Messages as writeInt() and write() make them: a length of four bytes in network byte order, then UTF-8. */
final class FramedConnection {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    FramedConnection(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    synchronized void send(String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /** Hands over each message until the other side ends. */
    void receive(Consumer<String> received) throws IOException {
        while (true) {
            int length;
            try {
                length = in.readInt();
            } catch (EOFException end) {
                return;
            }
            byte[] body = new byte[length];
            in.readFully(body);
            received.accept(new String(body, StandardCharsets.UTF_8));
        }
    }

    void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    void close() throws IOException {
        socket.close();
    }

    static BufferedReader typed() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    static PrintStream printed() {
        return new PrintStream(System.out, true, StandardCharsets.UTF_8);
    }
}
