import ArgumentParser
import GatehousePlan
import Testing

@testable import Gatehouse
@testable import GatehouseCLI

/// The one grammar of endpoints, at each place that takes one: the same text is accepted everywhere, or refused
/// everywhere with the same message, unless a use cannot have it.
struct EndpointUseTests {
    /// `serve --listen` and `check --listen` have these options in common.
    private static func serve(_ text: String) -> String? {
        do {
            let options = try PoolOptions.parse(["--module", "/a.so", "--listen", text])
            _ = try options.configuration()
            return nil
        } catch let failure as CommandFailure {
            return failure.messages.map { without("--listen: ", $0) }.joined(separator: "\n")
        } catch {
            return "\(error)"
        }
    }

    private static func request(_ text: String) -> String? {
        do throws(OperatorError) {
            _ = try RequestCommand.clientEndpoint(text)
            return nil
        } catch {
            return without("--via: ", error.message)
        }
    }

    private static func swiftRun(_ text: String) -> String? {
        do throws(StandaloneArguments.Misuse) {
            _ = try StandaloneArguments(["--listen", text])
            return nil
        } catch {
            return error.message.split(separator: "\n").first.map(String.init)
        }
    }

    private static func without(_ prefix: String, _ message: String) -> String {
        message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    }

    @Test(arguments: [
        "fastcgi:/run/a.sock", "fastcgi:unix:/run/a.sock", "scgi:./a.sock", "scgi:unix:run/a.sock",
        "fastcgi:run/a.sock",
    ])
    func `a Unix socket is accepted everywhere`(text: String) {
        #expect(Self.serve(text) == nil)
        #expect(Self.request(text) == nil)
        #expect(Self.swiftRun(text) == nil)
    }

    @Test(arguments: [
        "/run/a.sock", "a.sock", "", "systemd:web", "fcgi:/run/a.sock", "fastcgi:", "scgi:@abstract", "fastcgi:a.sock",
        "fastcgi:/run/", "fastcgi:fd:3", "fastcgi::9000", "fastcgi:::1:9000", "scgi:127.0.0.1:0", "http:x",
        "fastcgi:systemd:a:b", "fastcgi:/" + String(repeating: "x", count: 107),
    ])
    func `a malformed endpoint has one message everywhere`(text: String) throws {
        let message = try #require(Self.serve(text))
        #expect(message.hasPrefix("endpoint \"\(text)\""))
        #expect(Self.request(text) == message)
        #expect(Self.swiftRun(text) == message)
    }

    @Test(
        arguments: [
            ("fastcgi:127.0.0.1:9000", nil, nil, "serves only a Unix socket"),
            ("fastcgi:stdin", nil, "cannot be connected to", "serves only a Unix socket"),
            ("scgi:systemd:web", nil, "cannot be connected to", "serves only a Unix socket"),
            ("uwsgi:127.0.0.1:9000", nil, nil, "serves only a Unix socket"),
            ("uwsgi:/run/a.sock", nil, nil, nil),
            (
                "http:127.0.0.1:8080", "is for a pool with a \"command\"",
                "a request is sent by fastcgi:, scgi: or uwsgi:", nil
            ),
            (
                "http:/run/a.sock", "is for a pool with a \"command\"",
                "a request is sent by fastcgi:, scgi: or uwsgi:", "serves only a Unix socket"
            ),
        ] as [(String, String?, String?, String?)])
    func `an endpoint that a use cannot have is refused by name`(
        text: String, serve: String?, request: String?, swiftRun: String?
    ) {
        for (message, expected) in [
            (Self.serve(text), serve), (Self.request(text), request), (Self.swiftRun(text), swiftRun),
        ] {
            if let expected {
                #expect(message?.hasPrefix("endpoint \"\(text)\"") == true, "\(message ?? "accepted")")
                #expect(message?.contains(expected) == true, "\(message ?? "accepted")")
            } else {
                #expect(message == nil)
            }
        }
    }
}
