import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import sun.security.util.HostnameChecker;

/**
 * Says what Java answers about chains.
 *
 * <p>Usage: java --add-exports java.base/sun.security.util=ALL-UNNAMED Judge.java [--trust-manager]
 * CASES (cases of x509-limbo in, one JSON line per case out)
 *
 * <p>Without an option the PKIX builder searches a path, then the name is looked for in the leaf.
 * With --trust-manager the chain goes to the trust manager of JSSE as a handshake would hand it
 * over, with the identification of HTTPS: that is what TLS clients on the JVM do.
 */
public final class Judge {
    private static final class Skipped extends Exception {
        private static final long serialVersionUID = 1;

        Skipped(String message) {
            super(message);
        }
    }

    public static void main(String[] args) throws Exception {
        boolean manager = args.length == 2 && args[0].equals("--trust-manager");
        if (args.length != (manager ? 2 : 1)) {
            throw new IllegalArgumentException("usage: Judge [--trust-manager] CASES");
        }
        String text = Files.readString(Path.of(args[args.length - 1]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (Object value : (List<?>) object(new Json(text).read()).get("testcases")) {
            Case testCase = new Case(object(value));
            String verdict = "SUCCESS";
            String message = "";
            try {
                if (manager) {
                    ask(testCase);
                } else {
                    build(testCase);
                }
            } catch (Skipped why) {
                verdict = "SKIPPED";
                message = why.getMessage();
            } catch (Exception why) {
                verdict = "FAILURE";
                message = words(why);
            }
            out.println("{\"id\":" + quote(testCase.text("id")) + ",\"verdict\":\"" + verdict
                    + "\",\"message\":" + quote(message) + "}");
        }
        out.flush();
    }

    /** The message of an exception; of one from the builder also what caused it. */
    private static String words(Exception why) {
        if (!(why instanceof CertPathBuilderException)) {
            return why.getClass().getSimpleName() + ": " + why.getMessage();
        }
        Throwable cause = why.getCause();
        return why.getMessage() + " <- " + (cause == null ? "" : cause.getMessage());
    }

    private record Case(Map<?, ?> fields) {
        String text(String key) {
            return (String) fields.get(key);
        }

        List<?> list(String key) {
            return (List<?>) fields.get(key);
        }

        boolean server() {
            return text("validation_kind").equals("SERVER");
        }

        Date time() {
            String time = text("validation_time");
            return time == null ? new Date() : Date.from(OffsetDateTime.parse(time).toInstant());
        }

        /** The name that is dialled; null where none is. */
        String name() throws Skipped {
            Object name = fields.get("expected_peer_name");
            if (name == null) {
                return null;
            }
            Object kind = object(name).get("kind");
            if (!kind.equals("DNS") && !kind.equals("IP")) {
                throw new Skipped("peer name " + kind);
            }
            return (String) object(name).get("value");
        }

        List<X509Certificate> certificates(String key) throws GeneralSecurityException {
            List<X509Certificate> found = new ArrayList<>();
            for (Object pem : list(key)) {
                found.add(certificate((String) pem));
            }
            return found;
        }

        PKIXBuilderParameters parameters() throws GeneralSecurityException, Skipped {
            if (!list("crls").isEmpty()) {
                throw new Skipped("crls");
            }
            Set<TrustAnchor> anchors = new HashSet<>();
            for (X509Certificate certificate : certificates("trusted_certs")) {
                anchors.add(new TrustAnchor(certificate, null));
            }
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
            parameters.setRevocationEnabled(false);
            parameters.setDate(time());
            if (fields.get("max_chain_depth") instanceof Number depth) {
                parameters.setMaxPathLength(depth.intValue());
            }
            return parameters;
        }
    }

    private static X509Certificate certificate(String pem) throws GeneralSecurityException {
        byte[] octets = pem.getBytes(StandardCharsets.US_ASCII);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(octets));
    }

    private static final Map<String, String> PURPOSES =
            Map.of("serverAuth", "1.3.6.1.5.5.7.3.1", "clientAuth", "1.3.6.1.5.5.7.3.2");
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    private static void build(Case testCase) throws GeneralSecurityException, Skipped {
        X509Certificate leaf = certificate(testCase.text("peer_certificate"));
        PKIXBuilderParameters parameters = testCase.parameters();
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        parameters.setTargetCertConstraints(target);
        Collection<X509Certificate> pool = testCase.certificates("untrusted_intermediates");
        pool.add(leaf);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(pool)));
        CertPathBuilder.getInstance("PKIX").build(parameters);
        purposes(testCase, leaf);
        String name = testCase.name();
        if (name != null) {
            HostnameChecker.getInstance(HostnameChecker.TYPE_TLS).match(name, leaf);
        }
    }

    /** The builder knows no purposes; what asks it looks at the leaf's. */
    private static void purposes(Case testCase, X509Certificate leaf) throws CertificateException {
        List<String> present = leaf.getExtendedKeyUsage();
        List<?> wanted = testCase.list("extended_key_usage");
        if (wanted.isEmpty()) {
            wanted = List.of(testCase.server() ? "serverAuth" : "clientAuth");
        }
        for (Object purpose : wanted) {
            boolean fits = present == null || present.contains(PURPOSES.get(purpose)) || present.contains(ANY_PURPOSE);
            if (!fits) {
                throw new CertificateException("EKU does not allow " + purpose);
            }
        }
    }

    private static void ask(Case testCase) throws Exception {
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(certificate(testCase.text("peer_certificate")));
        chain.addAll(testCase.certificates("untrusted_intermediates"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(testCase.parameters()));
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        X509Certificate[] sent = chain.toArray(X509Certificate[]::new);
        String key = sent[0].getPublicKey().getAlgorithm();
        String name = testCase.name();
        if (testCase.server()) {
            String exchange = key.equals("RSA") || key.equals("RSASSA-PSS") ? "ECDHE_RSA" : "ECDHE_ECDSA";
            manager.checkServerTrusted(sent, exchange, new Engine(sent, name));
        } else {
            manager.checkClientTrusted(sent, key, new Engine(sent, null));
        }
    }

    /** An engine in the middle of a handshake of TLS 1.3 with a peer of this name. */
    private static final class Engine extends SSLEngine {
        /** Knows the defaults. */
        private static final SSLEngine REAL = real();

        private final SSLParameters parameters = REAL.getSSLParameters();
        private final Session session;

        Engine(X509Certificate[] chain, String name) {
            super(name, 443);
            if (name != null) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            session = new Session(REAL.getSession(), chain, name);
        }

        private static SSLEngine real() {
            try {
                SSLEngine engine = SSLContext.getDefault().createSSLEngine();
                engine.setUseClientMode(true);
                return engine;
            } catch (GeneralSecurityException why) {
                throw new IllegalStateException(why);
            }
        }

        @Override
        public SSLSession getHandshakeSession() {
            return session;
        }

        @Override
        public SSLSession getSession() {
            return session;
        }

        @Override
        public SSLParameters getSSLParameters() {
            return parameters;
        }

        @Override
        public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Runnable getDelegatedTask() {
            return null;
        }

        @Override
        public void closeInbound() {}

        @Override
        public boolean isInboundDone() {
            return false;
        }

        @Override
        public void closeOutbound() {}

        @Override
        public boolean isOutboundDone() {
            return false;
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return REAL.getSupportedCipherSuites();
        }

        @Override
        public String[] getEnabledCipherSuites() {
            return REAL.getEnabledCipherSuites();
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {
            REAL.setEnabledCipherSuites(suites);
        }

        @Override
        public String[] getSupportedProtocols() {
            return REAL.getSupportedProtocols();
        }

        @Override
        public String[] getEnabledProtocols() {
            return REAL.getEnabledProtocols();
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {
            REAL.setEnabledProtocols(protocols);
        }

        @Override
        public void beginHandshake() {}

        @Override
        public SSLEngineResult.HandshakeStatus getHandshakeStatus() {
            return SSLEngineResult.HandshakeStatus.NEED_TASK;
        }

        @Override
        public void setUseClientMode(boolean mode) {}

        @Override
        public boolean getUseClientMode() {
            return true;
        }

        @Override
        public void setNeedClientAuth(boolean need) {}

        @Override
        public boolean getNeedClientAuth() {
            return false;
        }

        @Override
        public void setWantClientAuth(boolean want) {}

        @Override
        public boolean getWantClientAuth() {
            return false;
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {}

        @Override
        public boolean getEnableSessionCreation() {
            return true;
        }
    }

    private static final class Session extends ExtendedSSLSession {
        /** What a client of JSSE offers by default, in the names of its own. */
        private static final String[] ALGORITHMS = {
            "SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA", "Ed25519", "Ed448",
            "RSASSA-PSS", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA",
            "SHA256withDSA", "SHA224withECDSA", "SHA224withRSA", "SHA224withDSA",
            "SHA1withECDSA", "SHA1withRSA", "SHA1withDSA"
        };

        private final SSLSession real;
        private final X509Certificate[] chain;
        private final String name;

        Session(SSLSession real, X509Certificate[] chain, String name) {
            this.real = real;
            this.chain = chain;
            this.name = name;
        }

        @Override
        public String[] getLocalSupportedSignatureAlgorithms() {
            return ALGORITHMS.clone();
        }

        @Override
        public String[] getPeerSupportedSignatureAlgorithms() {
            return ALGORITHMS.clone();
        }

        /** As JSSE sends it: names with a dot that are no addresses. */
        @Override
        public List<SNIServerName> getRequestedServerNames() {
            try {
                boolean address = name == null || name.indexOf(':') >= 0 || name.matches("[0-9.]+");
                boolean sent = !address && name.indexOf('.') > 0 && !name.endsWith(".");
                return sent ? List.of(new SNIHostName(name)) : List.of();
            } catch (IllegalArgumentException none) {
                return List.of();
            }
        }

        /** None was stapled. */
        @Override
        public List<byte[]> getStatusResponses() {
            return List.of();
        }

        @Override
        public String getPeerHost() {
            return name;
        }

        @Override
        public String getProtocol() {
            return "TLSv1.3";
        }

        @Override
        public String getCipherSuite() {
            return "TLS_AES_128_GCM_SHA256";
        }

        @Override
        public Certificate[] getPeerCertificates() {
            return chain.clone();
        }

        @Override
        public Principal getPeerPrincipal() {
            return chain[0].getSubjectX500Principal();
        }

        @Override
        public byte[] getId() {
            return real.getId();
        }

        @Override
        public SSLSessionContext getSessionContext() {
            return real.getSessionContext();
        }

        @Override
        public long getCreationTime() {
            return real.getCreationTime();
        }

        @Override
        public long getLastAccessedTime() {
            return real.getLastAccessedTime();
        }

        @Override
        public void invalidate() {}

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void putValue(String key, Object value) {}

        @Override
        public Object getValue(String key) {
            return null;
        }

        @Override
        public void removeValue(String key) {}

        @Override
        public String[] getValueNames() {
            return new String[0];
        }

        @Override
        public Certificate[] getLocalCertificates() {
            return null;
        }

        @Override
        public Principal getLocalPrincipal() {
            return null;
        }

        @Override
        public int getPeerPort() {
            return 443;
        }

        @Override
        public int getPacketBufferSize() {
            return real.getPacketBufferSize();
        }

        @Override
        public int getApplicationBufferSize() {
            return real.getApplicationBufferSize();
        }
    }

    private static Map<?, ?> object(Object value) {
        return (Map<?, ?>) value;
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
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

    /** Reads JSON, which the library of Java cannot. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            switch (peek()) {
                case '{' -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    while (more('}')) {
                        String key = string();
                        expect(':');
                        fields.put(key, read());
                    }
                    return fields;
                }
                case '[' -> {
                    List<Object> items = new ArrayList<>();
                    while (more(']')) {
                        items.add(read());
                    }
                    return items;
                }
                case '"' -> {
                    return string();
                }
                default -> {
                    int start = at;
                    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    String word = text.substring(start, at);
                    return switch (word) {
                        case "null" -> null;
                        case "true" -> true;
                        case "false" -> false;
                        default -> Double.valueOf(word);
                    };
                }
            }
        }

        /** Steps over the opening mark or a comma; false, and behind it, at the closing one. */
        private boolean more(char close) {
            char next = peek();
            if (next == close) {
                at++;
                return false;
            }
            if (next == ',' || next == '{' && close == '}' || next == '[' && close == ']') {
                at++;
                if (peek() == close) {
                    at++;
                    return false;
                }
            }
            return true;
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void expect(char mark) {
            if (peek() != mark) {
                throw new IllegalStateException("no " + mark + " at " + at);
            }
            at++;
        }

        private String string() {
            expect('"');
            StringBuilder read = new StringBuilder();
            while (text.charAt(at) != '"') {
                char c = text.charAt(at++);
                if (c != '\\') {
                    read.append(c);
                    continue;
                }
                char escaped = text.charAt(at++);
                if (escaped == 'u') {
                    read.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                } else {
                    int plain = "nrtbf".indexOf(escaped);
                    read.append(plain < 0 ? escaped : "\n\r\t\b\f".charAt(plain));
                }
            }
            at++;
            return read.toString();
        }
    }
}
