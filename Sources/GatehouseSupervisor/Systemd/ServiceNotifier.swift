internal import CGatehouseSystem
internal import Glibc

/// systemd, as the service that it started sees it: told what happens, kept alive for, and given descriptors to keep.
///
/// Nothing here blocks and nothing fails: a service that cannot reach its notifier serves on. Started by something else,
/// it does nothing at all.
public final class ServiceNotifier {
    /// The variables that this was made from, for a process that takes this one's place under the same notifier. The
    /// watchdog's process id is left out: it would name the wrong process, and without it any process counts.
    public let variables: [String: String]
    /// How often to send ``ServiceNotice/watchdog``, in milliseconds: half of what systemd waits for (WATCHDOG_USEC).
    /// `nil`: it waits for none.
    public let watchdogInterval: Int?
    private let address: String?
    /// Messages that found the notifier's queue full, oldest first. They leave before any newer one.
    private(set) var unsent: [String] = []
    private static let mostUnsent = 16

    private static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    /// The notifier that started this process, by its environment, from which the variables are removed. Call it once,
    /// while the process has one thread.
    public static func fromEnvironment() -> ServiceNotifier {
        ServiceNotifier(environment: TakenVariables.take(names), pid: getpid())
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

    /// Whether there is anybody to tell.
    public var isPresent: Bool { address != nil }

    /// Whether the notifier has yet to be told something: the next notice, whichever it is, tells it first.
    public var isBehind: Bool { !unsent.isEmpty }

    /// Tells the notifier all of this in one message. Where its queue is full, the message is kept for later, except
    /// where it only says that all is well.
    public func notify(_ notices: ServiceNotice...) {
        guard address != nil, !notices.isEmpty else { return }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
        let text = notices.flatMap { $0.fields(monotonicMicroseconds: now) }.joined(separator: "\n")
        if sendUnsent() && send(text) { return }
        guard notices != [.watchdog] else { return }
        if unsent.count == Self.mostUnsent { unsent.removeFirst() }
        unsent.append(text)
    }

    /// Gives the notifier a copy of a listening socket, which it passes to the next process under that name, whether
    /// this one is restarted or dies (FileDescriptorStoreMax=). Returns whether it was sent.
    ///
    /// - Parameter name: ASCII without control characters and colons, at most 255 bytes (sd_pid_notify_with_fds(3)).
    @discardableResult
    public func store(descriptor: Int32, name: String) -> Bool {
        guard Self.isName(name) else { return false }
        // Without FDPOLL=0 systemd drops a socket as soon as it reports a hang-up.
        return sendUnsent() && send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", descriptor: descriptor)
    }

    /// The notifier forgets what it keeps under that name. Returns whether it was told.
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
