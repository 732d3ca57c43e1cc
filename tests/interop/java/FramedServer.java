// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens on a free port, answers each message with "you said …", sends each line typed to everybody. */
final class FramedServer {
    private static final List<FramedConnection> connections = new CopyOnWriteArrayList<>();
    private static final PrintStream out = FramedConnection.printed();

    public static void main(String[] arguments) throws IOException {
        ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        out.println("listening " + listener.getLocalPort());
        inBackground(() -> {
            while (true) {
                FramedConnection connection = new FramedConnection(listener.accept());
                connections.add(connection);
                out.println("connected");
                inBackground(() -> serve(connection));
            }
        });
        BufferedReader typed = FramedConnection.typed();
        for (String line; (line = typed.readLine()) != null;) {
            for (FramedConnection connection : connections) {
                connection.send(line);
            }
        }
    }

    private static void serve(FramedConnection connection) throws IOException {
        connection.receive(text -> {
            out.println("received " + text);
            try {
                connection.send("you said " + text);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        });
        connections.remove(connection);
        connection.close();
        out.println("disconnected");
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
