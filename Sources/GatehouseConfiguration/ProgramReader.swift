public import GatehousePlan
internal import Glibc
internal import Yams

/// `command: [gunicorn, mysite.wsgi]`: any program that takes its listening socket by LISTEN_FDS or as descriptor 0.
public struct ProgramSettings: Equatable, Sendable {
    /// The means by which a program finds its listening sockets.
    public enum SocketPassing: String, CaseIterable, Sendable {
        /// As descriptor 3 and further, announced by LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES (sd_listen_fds(3)).
        case listenFDs = "listen-fds"
        /// As descriptor 0 (FastCGI 1.0, section 2.2).
        case standardInput = "stdin"

        /// The usual means for programs that speak a protocol. It is a property of those programs, and does not depend
        /// on the protocols that Gatehouse itself speaks.
        public static func standard(for scheme: Endpoint.Scheme) -> SocketPassing {
            switch scheme {
            case .gateway(.fastCGI): .standardInput
            case .gateway(.scgi): .standardInput
            case .gateway(.uwsgi): .listenFDs
            case .program(.http): .listenFDs
            }
        }
    }

    /// The program and its arguments. A program without a slash is looked for in PATH.
    public var command: [String]
    /// `socket-passing: stdin`. The default is `standard(for:)`, and LISTEN_FDS if the endpoints' defaults differ.
    public var socketPassing: SocketPassing
    /// `stop-signal: QUIT`: the signal that tells the program to finish and end. SIGTERM by default.
    public var stopSignal: Int32
    /// `probe: /health`: the path and query of a request that it answers with a status from 200 to 399 when it is up.
    /// `nil`: it is up when it accepts a connection.
    public var probe: String?

    public init(
        command: [String], socketPassing: SocketPassing = .listenFDs, stopSignal: Int32 = 15, probe: String? = nil
    ) {
        self.command = command
        self.socketPassing = socketPassing
        self.stopSignal = stopSignal
        self.probe = probe
    }
}

/// Reads `command: [gunicorn, mysite.wsgi]`, `socket-passing: listen-fds`, `stop-signal: TERM`
struct ProgramReader {
    let report: ProblemReport

    /// Signals that can tell a program to finish and end: those that a process can handle.
    private static let signals: [(name: String, number: Int32)] = [
        ("TERM", SIGTERM), ("INT", SIGINT), ("QUIT", SIGQUIT), ("HUP", SIGHUP), ("USR1", SIGUSR1), ("USR2", SIGUSR2),
        ("WINCH", SIGWINCH), ("ALRM", SIGALRM), ("ABRT", SIGABRT), ("PWR", SIGPWR),
    ]

    /// `nil` if the pool has no command, or, reported, none that can be read.
    func read(_ fields: Fields, endpoints: [Endpoint]) -> ProgramSettings? {
        guard let node = fields["command"] else { return nil }
        let command = command(node)
        let socketPassing = socketPassing(fields, endpoints)
        let stopSignal = fields["stop-signal"].flatMap(signal)
        let probe = fields["probe"].flatMap(probe)
        guard let command else { return nil }
        return ProgramSettings(
            command: command, socketPassing: socketPassing, stopSignal: stopSignal ?? SIGTERM, probe: probe)
    }

    private func command(_ node: Node) -> [String]? {
        let reader = ScalarReader(report: report)
        guard let sequence = node.sequence else {
            let words = node.scalar?.string.split(separator: " ").joined(separator: ", ") ?? ""
            let example = words.isEmpty ? "[gunicorn, mysite.wsgi]" : "[\(printable(words))]"
            report.add("\"command\" is a list, the program and its arguments: write \(example)", at: node)
            return nil
        }
        guard let first = sequence.first else {
            report.add("\"command\" is empty: name a program", at: node)
            return nil
        }
        // Without a slash the program is looked for in PATH; with one it is a file.
        let isFile = first.scalar?.string.contains("/") == true
        let program = isFile ? reader.path(first, "the program") : reader.name(first, "the program")
        let arguments = sequence.dropFirst().map { node -> String? in
            guard let text = reader.text(node, "an argument") else { return nil }
            if text.utf8.contains(0) { report.add("an argument cannot have a NUL in it", at: node) }
            return text
        }
        guard let program, !arguments.contains(nil) else { return nil }
        return [program] + arguments.compactMap(\.self)
    }

    private func socketPassing(_ fields: Fields, _ endpoints: [Endpoint]) -> ProgramSettings.SocketPassing {
        var socketPassing: ProgramSettings.SocketPassing =
            endpoints.allSatisfy { ProgramSettings.SocketPassing.standard(for: $0.scheme) == .standardInput }
            ? .standardInput : .listenFDs
        if let node = fields["socket-passing"],
            let text = ScalarReader(report: report).text(node, "\"socket-passing\"")
        {
            if let value = ProgramSettings.SocketPassing(rawValue: text) {
                socketPassing = value
            } else {
                let names = ProgramSettings.SocketPassing.allCases.map(\.rawValue).joined(separator: " or ")
                report.add("\"socket-passing\" is \(names), not \"\(printable(text))\"", at: node)
            }
        }
        if socketPassing == .standardInput, endpoints.count > 1, let node = fields["socket-passing"] ?? fields["listen"]
        {
            report.add(
                "a program gets one socket as its standard input, and this pool has \(endpoints.count) endpoints: "
                    + "write \"socket-passing: listen-fds\" if the program knows LISTEN_FDS, or make a pool for each",
                at: node)
        }
        return socketPassing
    }

    private func probe(_ node: Node) -> String? {
        guard let text = ScalarReader(report: report).text(node, "\"probe\"") else { return nil }
        let isTarget =
            text.hasPrefix("/") && text.utf8.count <= 1_000 && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
        if isTarget, !text.contains("#") { return text }
        report.add(
            "\"probe\" is the path of a request, such as /health, with a query or without one, percent-encoded, not "
                + "\"\(printable(text))\"", at: node)
        return nil
    }

    private func signal(_ node: Node) -> Int32? {
        guard let text = ScalarReader(report: report).text(node, "\"stop-signal\"") else { return nil }
        let name = text.uppercased().hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        if let signal = Self.signals.first(where: { $0.name == name.uppercased() }) { return signal.number }
        let names = Self.signals.map(\.name).joined(separator: ", ")
        report.add("\"stop-signal\" is one of \(names), not \"\(printable(text))\"", at: node)
        return nil
    }
}
