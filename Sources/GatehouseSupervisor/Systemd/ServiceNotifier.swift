internal import CGatehouseSystem
internal import GatehouseSystem
internal import Glibc

/// A message to systemd (sd_notify(3)).
public enum ServiceNotice: Equatable, Sendable {
    /// Started, or done with a reload.
    case ready
    /// A reload has begun; ``ready`` ends it.
    case reloading
    /// The end has begun.
    case stopping
    /// One line for a person, shown by `systemctl status`.
    case status(String)
    /// The current task may take this much longer, in microseconds from now.
    case extendTimeout(microseconds: Int)
    /// The service is well.
    case watchdog

    /// Lines of `NAME=value`.
    func fields(monotonicMicroseconds: Int) -> [String] {
        switch self {
        case .ready: ["READY=1"]
        // systemd recognises by the time which reload was announced (Type=notify-reload).
        case .reloading: ["RELOADING=1", "MONOTONIC_USEC=\(monotonicMicroseconds)"]
        case .stopping: ["STOPPING=1"]
        // systemd reads 4 KiB of a datagram, and a line's end would start another field.
        case .status(let text): ["STATUS=" + printable(text, atMost: 500)]
        case .extendTimeout(let microseconds): ["EXTEND_TIMEOUT_USEC=\(max(0, microseconds))"]
        case .watchdog: ["WATCHDOG=1"]
        }
    }
}

/// The sd_notify side of systemd: readiness, watchdog pings, and the descriptor store.
///
/// Nothing here blocks and nothing fails: a service that cannot reach systemd serves on. If something else started the
/// process, it does nothing at all.
public final class ServiceNotifier {
    /// The variables that this was made from, for a program that takes this one's place in the same service. The
    /// watchdog's process id is left out: it would name the wrong process, and without it any process counts.
    public let variables: [String: String]
    /// The interval of ``ServiceNotice/watchdog``, in milliseconds: half of systemd's limit (WATCHDOG_USEC). `nil` if
    /// there is none.
    public let watchdogInterval: Int?
    private let address: String?
    /// Messages that found systemd's queue full, oldest first. They leave before any newer one.
    private(set) var unsent: [String] = []
    private static let mostUnsent = 16

    private static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    /// The notifier of the systemd that started this process, by its environment, from which the variables are removed.
    /// Call it once, while the process has one thread.
    public static func fromEnvironment() -> ServiceNotifier {
        ServiceNotifier(environment: ProcessEnvironment.take(names), pid: getpid())
    }

    init(environment: [String: String], pid: pid_t) {
        let socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        address = socket
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { UInt64($0) }
        if socket != nil, isOurs, let limit, limit > 0 {
            watchdogInterval = max(1, Int(clamping: limit / 2_000))
            variables = environment.filter { $0.key == "NOTIFY_SOCKET" || $0.key == "WATCHDOG_USEC" }
        } else {
            watchdogInterval = nil
            variables = environment.filter { $0.key == "NOTIFY_SOCKET" && socket != nil }
        }
    }

    /// Whether there is a systemd to tell.
    public var isPresent: Bool { address != nil }

    /// Tells systemd all of this in one message. If its queue is full, the message is kept for later, unless it only
    /// says that all is well.
    public func notify(_ notices: ServiceNotice...) {
        guard address != nil, !notices.isEmpty else { return }
        let now = MonotonicClock.microseconds()
        let text = notices.flatMap { $0.fields(monotonicMicroseconds: now) }.joined(separator: "\n")
        if sendUnsent() && send(text) { return }
        guard notices != [.watchdog] else { return }
        if unsent.count == Self.mostUnsent { unsent.removeFirst() }
        unsent.append(text)
    }

    /// Gives systemd a copy of a listening socket, which it passes to the next process under that name, whether
    /// this one is restarted or dies (FileDescriptorStoreMax=). Returns whether it was sent.
    ///
    /// - Parameter name: ASCII without control characters and colons, at most 255 bytes (sd_pid_notify_with_fds(3)).
    @discardableResult
    public func store(descriptor: Int32, name: String) -> Bool {
        guard Self.isName(name) else { return false }
        // Without FDPOLL=0 systemd drops a socket as soon as it reports a hang-up.
        return sendUnsent() && send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", descriptor: descriptor)
    }

    /// Has systemd forget the socket that it keeps under that name. Returns whether it was told.
    @discardableResult
    public func removeStored(name: String) -> Bool {
        guard Self.isName(name) else { return false }
        return sendUnsent() && send("FDSTOREREMOVE=1\nFDNAME=\(name)")
    }

    private static func isName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: ":") }
    }

    private func sendUnsent() -> Bool {
        while let first = unsent.first {
            guard send(first) else { return false }
            unsent.removeFirst()
        }
        return true
    }

    private func send(_ text: String, descriptor: Int32 = -1) -> Bool {
        guard let address else { return false }
        return gatehouse_notify(address, text, text.utf8.count, descriptor) == 0
    }
}
