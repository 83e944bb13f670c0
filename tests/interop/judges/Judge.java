import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Judges our files with JSSE: the TLS of Spark, S3A and every other JVM client.
 *
 * <p>Usage: java Judge.java CASES (JSON lines in, one JSON line per case out)
 *
 * <p>kind "handshake": a TLS handshake over loopback, client and server with our files. A trust
 * file in PKCS#12 is read through javax.net.ssl.trustStore, as a JVM with that option does, without
 * a password and with one (or only with the "trust_password" of the case); all readings must see
 * the same certificates, and each is used for a handshake. Names are checked as HTTPS does it.
 */
public final class Judge {
    private static final int TIMEOUT_MS = 5_000;

    /** One side refused the other; any other exception is a file that could not be used. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            Map<String, String> testCase = parse(line);
            boolean ok;
            String message;
            try {
                if (!"handshake".equals(testCase.get("kind"))) {
                    throw new IllegalArgumentException("unknown kind " + testCase.get("kind"));
                }
                message = judge(testCase);
                ok = "ok".equals(testCase.get("expect"));
            } catch (Refused refused) {
                message = refused.getMessage();
                ok = "fail".equals(testCase.get("expect"));
            } catch (Exception error) {
                message = "setup: " + error;
                ok = false;
            }
            out.println("{\"id\":" + quote(testCase.get("id")) + ",\"ok\":" + ok + ",\"message\":" + quote(message) + "}");
        }
    }

    private static String judge(Map<String, String> testCase) throws Exception {
        StringBuilder message = new StringBuilder();
        for (TrustManager[] trust : trust(testCase)) {
            message.append(message.isEmpty() ? "" : "; ").append(handshake(testCase, trust));
        }
        return message.toString();
    }

    /** The ways to read the trust file, each with what it trusts. */
    private static List<TrustManager[]> trust(Map<String, String> testCase) throws Exception {
        String file = testCase.get("trust");
        if (!file.endsWith(".p12") && !file.endsWith(".jks")) {
            return List.<TrustManager[]>of(trustManagers(pemStore(certificates(file))));
        }
        List<String> passwords = new ArrayList<>();
        List<TrustManager[]> ways = new ArrayList<>();
        if (testCase.get("trust_password") != null) {
            passwords.add(testCase.get("trust_password"));
        } else {
            passwords.add(null);
            passwords.add("changeit");
            Files.readAllBytes(Path.of(file)); // JSSE takes a missing file for the system's trust.
            System.setProperty("javax.net.ssl.trustStore", file);
            ways.add(trustManagers(null));
        }
        for (String password : passwords) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                store.load(in, password == null ? null : password.toCharArray());
            }
            if (store.size() == 0) {
                throw new Refused("no entry in " + file + (password == null ? " without a password" : " with a password"));
            }
            ways.add(trustManagers(store));
        }
        Set<Set<X509Certificate>> seen = new HashSet<>();
        for (TrustManager[] way : ways) {
            seen.add(new HashSet<>(List.of(((X509TrustManager) way[0]).getAcceptedIssuers())));
        }
        if (seen.size() != 1) {
            throw new Refused(file + " shows other certificates with a password than without");
        }
        return ways;
    }

    private static String handshake(Map<String, String> testCase, TrustManager[] trust) throws Exception {
        SSLContext server = SSLContext.getInstance("TLS");
        String clientTrust = testCase.get("server_trust");
        server.init(
                keyManagers(testCase.get("server_cert"), testCase.get("server_key")),
                clientTrust == null ? null : trustManagers(pemStore(certificates(clientTrust))),
                null);
        SSLContext client = SSLContext.getInstance("TLS");
        String clientCert = testCase.get("client_cert");
        client.init(clientCert == null ? null : keyManagers(clientCert, testCase.get("client_key")), trust, null);

        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (SSLServerSocket listener = (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            listener.setSoTimeout(TIMEOUT_MS);
            listener.setNeedClientAuth(clientTrust != null);
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> serve(listener));
            String agreed = null;
            String clientError = null;
            try {
                agreed = dial(client, new InetSocketAddress(loopback, listener.getLocalPort()), testCase.get("name"));
            } catch (SSLException | java.net.SocketException error) {
                clientError = "client: " + text(error);
            }
            String serverError = null;
            try {
                served.get();
            } catch (ExecutionException error) {
                serverError = "server: " + text(error.getCause());
            }
            if (clientError == null && serverError == null) {
                return agreed;
            }
            throw new Refused(clientError == null ? serverError : serverError == null ? clientError : clientError + "; " + serverError);
        }
    }

    private static void serve(SSLServerSocket listener) {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.startHandshake();
            socket.getOutputStream().write('!');
            socket.getOutputStream().flush();
        } catch (java.io.IOException error) {
            throw new java.io.UncheckedIOException(error);
        }
    }

    private static String dial(SSLContext context, InetSocketAddress address, String name) throws Exception {
        try (Socket plain = new Socket()) {
            plain.connect(address, TIMEOUT_MS);
            plain.setSoTimeout(TIMEOUT_MS);
            // The name is checked and sent, not looked up.
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, address.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                // In TLS 1.3 the server judges the client after the client is done.
                if (socket.getInputStream().read() != '!') {
                    throw new SSLException("the server closed the connection");
                }
                return socket.getSession().getProtocol();
            }
        }
    }

    private static TrustManager[] trustManagers(KeyStore store) throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore pemStore(List<X509Certificate> certificates) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate certificate : certificates) {
            store.setCertificateEntry("ca-" + store.size(), certificate);
        }
        return store;
    }

    private static javax.net.ssl.KeyManager[] keyManagers(String certFile, String keyFile) throws Exception {
        List<X509Certificate> chain = certificates(certFile);
        String algorithm = chain.get(0).getPublicKey().getAlgorithm();
        PrivateKey key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8(keyFile)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("pair", key, new char[0], chain.toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static List<X509Certificate> certificates(String file) throws Exception {
        List<X509Certificate> found = new ArrayList<>();
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                found.add((X509Certificate) certificate);
            }
        }
        if (found.isEmpty()) {
            throw new GeneralSecurityException("no certificate in " + file);
        }
        return found;
    }

    private static byte[] pkcs8(String file) throws Exception {
        Matcher block =
                Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----")
                        .matcher(Files.readString(Path.of(file)));
        if (!block.find()) {
            throw new GeneralSecurityException("no PKCS#8 key in " + file);
        }
        return Base64.getMimeDecoder().decode(block.group(1));
    }

    /** The innermost message says why; the outer ones only that. */
    private static String text(Throwable error) {
        Throwable cause = error instanceof java.io.UncheckedIOException ? error.getCause() : error;
        StringBuilder text = new StringBuilder(String.valueOf(cause.getMessage()));
        for (Throwable inner = cause.getCause(); inner != null; inner = inner.getCause()) {
            if (inner.getMessage() != null && text.indexOf(inner.getMessage()) < 0) {
                text.append(": ").append(inner.getMessage());
            }
        }
        return text.toString();
    }

    private static final Pattern FIELD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"\\s*:\\s*(?:null|\"((?:[^\"\\\\]|\\\\.)*)\")");

    /** A flat JSON object of strings and nulls, which is what a case is. */
    private static Map<String, String> parse(String line) {
        Map<String, String> fields = new HashMap<>();
        for (Matcher field = FIELD.matcher(line); field.find(); ) {
            if (field.group(2) != null) {
                fields.put(unquote(field.group(1)), unquote(field.group(2)));
            }
        }
        return fields;
    }

    private static String unquote(String text) {
        Matcher escape = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)").matcher(text);
        return escape.replaceAll(
                found -> {
                    String code = found.group(1);
                    String plain =
                            switch (code.charAt(0)) {
                                case 'u' -> String.valueOf((char) Integer.parseInt(code.substring(1), 16));
                                case 'n' -> "\n";
                                case 't' -> "\t";
                                case 'r' -> "\r";
                                default -> code;
                            };
                    return Matcher.quoteReplacement(plain);
                });
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : String.valueOf(text).toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
