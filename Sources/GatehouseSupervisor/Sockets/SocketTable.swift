import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Every socket that the supervisor listens on, by endpoint: opened here, passed by systemd, kept by systemd from an
/// earlier process, or inherited from the supervisor before this one.
final class SocketTable {
    private var open: [Endpoint: [ListeningSocket]] = [:]
    /// The serving sockets of endpoints for which a reload has made new sockets because the files were gone. Kept until
    /// the candidate generation is promoted or rejected.
    private var lost: [Endpoint: [ListeningSocket]] = [:]
    /// Ports that the configuration no longer has, and until when the old workers may take connections that wait there.
    private var givenUp: [(socket: ListeningSocket, due: Int)] = []
    private var passed: [InheritedSocket]
    private let notifier: ServiceNotifier

    /// The time for old workers to take waiting connections: an event loop that is held for longer takes none anyway.
    static let gracePeriod = 250

    /// The beginning of the names under which systemd keeps our sockets; names in socket units should not begin so.
    private static let keptPrefix = "gatehouse."

    init(passed: [InheritedSocket], notifier: ServiceNotifier) {
        self.passed = passed
        self.notifier = notifier
    }

    /// The endpoints that are listened on.
    var endpoints: Set<Endpoint> { Set(open.keys) }

    func sockets(for endpoint: Endpoint) -> [ListeningSocket] { open[endpoint] ?? [] }

    /// - Parameter isOnTrial: whether they are for a generation that does not serve yet.
    func sockets(for endpoint: Endpoint, isOnTrial: Bool) -> [ListeningSocket] {
        (isOnTrial ? nil : lost[endpoint]) ?? open[endpoint] ?? []
    }

    /// Listens on an endpoint, if that is not done yet.
    /// - Returns: whether it was opened.
    @discardableResult
    func open(_ endpoint: Endpoint, settings: SocketSettings) throws(OperatorError) -> Bool {
        guard open[endpoint] == nil else { return false }
        open[endpoint] = try find(endpoint, settings)
        return true
    }

    // MARK: Sockets whose files are gone

    /// Whether clients cannot reach a socket of this endpoint.
    func isLost(_ endpoint: Endpoint) -> Bool { sockets(for: endpoint).contains(where: \.isLost) }

    /// Makes a new socket in place of one whose file is gone. The old one, which serves, stays open until the candidate
    /// generation is promoted or rejected.
    func renew(_ endpoint: Endpoint, settings: SocketSettings) throws(OperatorError) {
        guard isLost(endpoint), lost[endpoint] == nil else { return }
        let new = try ListeningSocket.open(endpoint, settings: settings)
        lost[endpoint] = open[endpoint]
        open[endpoint] = [new]
    }

    /// The generation with the new socket serves.
    /// - Returns: the old sockets, in whose queues clients may still wait.
    func promote(_ endpoint: Endpoint) -> [ListeningSocket] {
        guard let old = lost.removeValue(forKey: endpoint) else { return [] }
        if let name = Self.keptName(endpoint) { notifier.removeStored(name: name) }
        sockets(for: endpoint).forEach(keep)
        return old
    }

    /// No generation will serve on the new sockets. The old ones stay out of reach, so clients are refused, which is
    /// better than waiting for no answer.
    func giveUpRenewed(_ endpoints: some Sequence<Endpoint>) {
        for endpoint in endpoints {
            guard let old = lost.removeValue(forKey: endpoint) else { continue }
            open[endpoint]?.forEach { $0.removeFile() }
            open[endpoint] = old
        }
    }

    /// The endpoints with new sockets that are neither promoted nor given up.
    var renewed: [Endpoint] { Array(lost.keys) }

    // MARK: Description

    /// An endpoint as the operator wrote it, and the users that may connect to it.
    func describe(_ endpoint: Endpoint) -> String {
        let notes = sockets(for: endpoint).compactMap { socket in
            let parts = [socket.placeOfAnother, socket.reach?.summary].compactMap(\.self)
            return parts.isEmpty ? nil : parts.joined(separator: ", ")
        }
        return notes.isEmpty ? endpoint.description : "\(endpoint) (\(notes.joined(separator: "; ")))"
    }

    // MARK: Settings

    /// Applies other settings to an endpoint that is listened on.
    func apply(_ settings: SocketSettings, to endpoint: Endpoint) throws(OperatorError) {
        for socket in sockets(for: endpoint) { try socket.apply(settings) }
    }

    private func find(_ endpoint: Endpoint, _ settings: SocketSettings) throws(OperatorError) -> [ListeningSocket] {
        if case .systemd(let name) = endpoint.address { return try takePassed(name, for: endpoint) }
        if let kept = takeKept(endpoint) {
            try kept.apply(settings)
            return [kept]
        }
        if let other = passed.first(where: { ListeningSocket.file(of: $0.descriptor, isAt: endpoint) != nil }) {
            throw OperatorError(
                "cannot listen on \(endpoint): a .socket unit of systemd listens there, and has passed its socket as "
                    + "\(other.name): write \(endpoint.scheme.rawValue):systemd:\(other.name) instead", .configuration)
        }
        let socket = try ListeningSocket.open(endpoint, settings: settings)
        keep(socket)
        return [socket]
    }

    private func takePassed(_ name: String, for endpoint: Endpoint) throws(OperatorError) -> [ListeningSocket] {
        let found = passed.filter { $0.name == name }
        guard !found.isEmpty else {
            let others = Set(passed.map(\.name).filter { !$0.hasPrefix(Self.keptPrefix) }).sorted()
            throw OperatorError(
                "cannot listen on \(endpoint): systemd has passed no socket of that name"
                    + (others.isEmpty ? "" : ", only \(others.joined(separator: ", "))")
                    + ": write FileDescriptorName=\(name) into its .socket unit, and start that unit", .configuration)
        }
        passed.removeAll { $0.name == name }
        return found.map { ListeningSocket(endpoint: endpoint, descriptor: $0.descriptor) }
    }

    // MARK: Sockets that outlive us

    var upgradeState: [UpgradeState.Socket] { open.values.joined().map(\.upgradeState) }

    /// Takes over the sockets of the program before this one.
    func inherit(_ sockets: [UpgradeState.Socket]) {
        for state in sockets {
            guard let socket = ListeningSocket(state) else { continue }
            open[socket.endpoint, default: []].append(socket)
        }
    }

    private func takeKept(_ endpoint: Endpoint) -> ListeningSocket? {
        for (index, socket) in passed.enumerated() where socket.name.hasPrefix(Self.keptPrefix) {
            if let kept = ListeningSocket.kept(endpoint, descriptor: socket.descriptor) {
                passed.remove(at: index)
                return kept
            }
        }
        return nil
    }

    /// Has systemd keep the socket, so that neither a restart nor our sudden death refuses a connection.
    private func keep(_ socket: ListeningSocket) {
        guard let name = Self.keptName(socket.endpoint) else { return }
        notifier.store(descriptor: socket.descriptor, name: name)
    }

    private static func keptName(_ endpoint: Endpoint) -> String? {
        guard case .unix(let path) = endpoint.address else { return nil }
        return keptPrefix + path.replacing(":", with: "_")
    }

    /// Puts another socket, which was opened beside it, in the place of an endpoint's.
    /// - Returns: the socket before; `nil` if there is none whose place could be taken.
    func replace(_ endpoint: Endpoint, with new: ListeningSocket) throws(OperatorError) -> ListeningSocket? {
        guard let present = open[endpoint], present.count == 1 else { return nil }
        try new.takePlace(of: present[0])
        if let name = Self.keptName(endpoint) { notifier.removeStored(name: name) }
        open[endpoint] = [new]
        keep(new)
        return present[0]
    }

    /// Gives up sockets of an earlier process that the configuration no longer has.
    func forgetUnused() {
        for socket in passed {
            if socket.name.hasPrefix(Self.keptPrefix) { notifier.removeStored(name: socket.name) }
            Glibc.close(socket.descriptor)
        }
        passed = []
    }

    /// Stops listening on all endpoints but these.
    func close(except wanted: Set<Endpoint>) {
        for (endpoint, sockets) in open where !wanted.contains(endpoint) {
            if let name = Self.keptName(endpoint) { notifier.removeStored(name: name) }
            sockets.forEach { $0.removeFile() }
            open[endpoint] = nil
            guard case .tcp = endpoint.address else { continue }
            let due = MonotonicClock.milliseconds() + Self.gracePeriod
            givenUp += sockets.map { ($0, due) }
        }
    }

    /// The next time at which `endGivenUp` has something to do.
    var deadline: Int? { givenUp.first?.due }

    /// Has ports that were given up a while ago refuse connections: a worker whose loop is held has not closed its
    /// copy.
    func endGivenUp(_ now: Int) {
        while let first = givenUp.first, first.due <= now {
            first.socket.stopListening()
            givenUp.removeFirst()
        }
    }

    /// Returns the sockets of an endpoint that must take nothing new once the end has begun; the caller makes them stop
    /// listening. Sockets that systemd made, or keeps for the next process, go on.
    func endListening(_ endpoint: Endpoint) -> [ListeningSocket] {
        switch endpoint.address {
        case .systemd: return []
        case .unix where notifier.isPresent: return []
        case .unix, .tcp, .standardInput: return open.removeValue(forKey: endpoint) ?? []
        }
    }

    /// Removes the files at the end, unless systemd keeps the sockets for the next process.
    func removeFiles() {
        if notifier.isPresent { return }
        for socket in open.values.joined() { socket.removeFile() }
    }
}
