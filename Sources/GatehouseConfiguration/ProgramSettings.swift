/// `command: [gunicorn, mysite.wsgi]`: any program that takes its listening socket by LISTEN_FDS or as descriptor 0.
public struct ProgramSettings: Equatable, Sendable {
    /// How the program finds its socket.
    public enum SocketPassing: String, CaseIterable, Sendable {
        /// As descriptor 3 and further, announced by LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES (sd_listen_fds(3)).
        case listenFDs = "listen-fds"
        /// As descriptor 0 (FastCGI 1.0, section 2.2).
        case standardInput = "stdin"
    }

    /// The program and its arguments. A program without a slash is looked for in PATH.
    public var command: [String]
    /// `socket-passing: stdin`. Where it is not said, FastCGI and SCGI endpoints are passed as descriptor 0, others by
    /// LISTEN_FDS.
    public var socketPassing: SocketPassing
    /// `stop-signal: QUIT`: what tells the program to finish and leave. SIGTERM unless told.
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
