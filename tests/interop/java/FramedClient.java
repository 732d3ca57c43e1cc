// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.Socket;

/** FramedClient HOST PORT: sends each line typed, prints each message that comes; ends when the server does. */
final class FramedClient {
    public static void main(String[] arguments) throws IOException {
        FramedConnection connection = new FramedConnection(new Socket(arguments[0], Integer.parseInt(arguments[1])));
        Thread sender = new Thread(() -> sendTyped(connection));
        sender.setDaemon(true);
        sender.start();
        PrintStream out = FramedConnection.printed();
        connection.receive(text -> out.println("received " + text));
        connection.close();
    }

    private static void sendTyped(FramedConnection connection) {
        try (BufferedReader typed = FramedConnection.typed()) {
            for (String line; (line = typed.readLine()) != null;) {
                connection.send(line);
            }
            connection.finishSending();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
