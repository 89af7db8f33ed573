import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// Every socket that the supervisor listens on, by endpoint: opened here, passed by systemd, kept by systemd from an
/// earlier process, or taken over from the supervisor before this one.
final class SocketTable {
    private var open: [Endpoint: [ListeningSocket]] = [:]
    /// What serves on endpoints whose sockets a reload has made anew because their files were gone, until it is settled
    /// which of the two it will be.
    private var lost: [Endpoint: [ListeningSocket]] = [:]
    /// Ports that the configuration no longer has, and until when the old workers may take what waits there.
    private var givenUp: [(socket: ListeningSocket, due: Int)] = []
    private var passed: [InheritedSocket]
    private let notifier: ServiceNotifier

    /// A loop that is held for longer takes nothing from its sockets meanwhile either.
    static let gracePeriod = 250

    /// Names under which systemd keeps sockets that we opened begin with it; those of socket units should not.
    private static let keptPrefix = "gatehouse."

    init(passed: [InheritedSocket], notifier: ServiceNotifier) {
        self.passed = passed
        self.notifier = notifier
    }

    /// Endpoints that are listened on.
    var endpoints: Set<Endpoint> { Set(open.keys) }

    func sockets(for endpoint: Endpoint) -> [ListeningSocket] { open[endpoint] ?? [] }

    /// - Parameter isOnTrial: whether they are for a generation that does not serve yet.
    func sockets(for endpoint: Endpoint, isOnTrial: Bool) -> [ListeningSocket] {
        (isOnTrial ? nil : lost[endpoint]) ?? open[endpoint] ?? []
    }

    /// Listens on an endpoint, if that is not done yet.
    /// - Returns: whether it was not.
    @discardableResult
    func open(_ endpoint: Endpoint, settings: SocketSettings) throws(SupervisorError) -> Bool {
        guard open[endpoint] == nil else { return false }
        open[endpoint] = try find(endpoint, settings)
        return true
    }

    // MARK: Sockets whose files are gone

    /// Whether nobody can reach what we listen on there.
    func isLost(_ endpoint: Endpoint) -> Bool { sockets(for: endpoint).contains(where: \.isLost) }

    /// Makes a socket anew whose file is gone. The one that serves stays open until that is settled.
    func renew(_ endpoint: Endpoint, settings: SocketSettings) throws(SupervisorError) {
        guard isLost(endpoint), lost[endpoint] == nil else { return }
        let new = try ListeningSocket.open(endpoint, settings: settings)
        lost[endpoint] = open[endpoint]
        open[endpoint] = [new]
    }

    /// The new socket is that of the generation that serves.
    /// - Returns: the old one, in whose queue there may still be somebody.
    func promote(_ endpoint: Endpoint) -> [ListeningSocket] {
        guard let old = lost.removeValue(forKey: endpoint) else { return [] }
        if let name = Self.keptName(endpoint) { notifier.removeStored(name: name) }
        sockets(for: endpoint).forEach(keep)
        return old
    }

    /// Nobody will serve on the new sockets. Those that do serve are still out of reach: better refused than unanswered.
    func giveUpRenewed(_ endpoints: some Sequence<Endpoint>) {
        for endpoint in endpoints {
            guard let old = lost.removeValue(forKey: endpoint) else { continue }
            open[endpoint]?.forEach { $0.removeFile() }
            open[endpoint] = old
        }
    }

    /// The endpoints of which it is not settled.
    var renewed: [Endpoint] { Array(lost.keys) }

    // MARK: What there is to say

    /// An endpoint as the operator wrote it, and who may connect to it.
    func describe(_ endpoint: Endpoint) -> String {
        let notes = sockets(for: endpoint).compactMap { socket in
            let parts = [socket.placeOfAnother, socket.reach?.summary].compactMap(\.self)
            return parts.isEmpty ? nil : parts.joined(separator: ", ")
        }
        return notes.isEmpty ? endpoint.description : "\(endpoint) (\(notes.joined(separator: "; ")))"
    }

    // MARK: Settings

    /// Has other settings apply to an endpoint that is listened on.
    func apply(_ settings: SocketSettings, to endpoint: Endpoint) throws(SupervisorError) {
        for socket in sockets(for: endpoint) { try socket.apply(settings) }
    }

    private func find(_ endpoint: Endpoint, _ settings: SocketSettings) throws(SupervisorError) -> [ListeningSocket] {
        if case .systemd(let name) = endpoint.address { return try takePassed(name, for: endpoint) }
        if let kept = takeKept(endpoint) {
            try kept.apply(settings)
            return [kept]
        }
        if let other = passed.first(where: { ListeningSocket.file(of: $0.descriptor, isAt: endpoint) != nil }) {
            throw SupervisorError(
                "cannot listen on \(endpoint): a .socket unit of systemd listens there, and has passed its socket as "
                    + "\(other.name): write \(endpoint.scheme.rawValue):systemd:\(other.name) instead", .configuration)
        }
        let socket = try ListeningSocket.open(endpoint, settings: settings)
        keep(socket)
        return [socket]
    }

    private func takePassed(_ name: String, for endpoint: Endpoint) throws(SupervisorError) -> [ListeningSocket] {
        let found = passed.filter { $0.name == name }
        guard !found.isEmpty else {
            let others = Set(passed.map(\.name).filter { !$0.hasPrefix(Self.keptPrefix) }).sorted()
            throw SupervisorError(
                "cannot listen on \(endpoint): systemd has passed no socket of that name"
                    + (others.isEmpty ? "" : ", only \(others.joined(separator: ", "))")
                    + ": write FileDescriptorName=\(name) into its .socket unit, and start that unit", .configuration)
        }
        passed.removeAll { $0.name == name }
        return found.map { ListeningSocket(endpoint: endpoint, descriptor: $0.descriptor) }
    }

    // MARK: Sockets that outlive us

    var upgradeState: [UpgradeState.Socket] { open.values.joined().map(\.upgradeState) }

    /// Takes over what the program before this one listened on.
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

    /// Has systemd keep it, so that a restart refuses no connection, and not even our sudden death does.
    private func keep(_ socket: ListeningSocket) {
        guard let name = Self.keptName(socket.endpoint) else { return }
        notifier.store(descriptor: socket.descriptor, name: name)
    }

    private static func keptName(_ endpoint: Endpoint) -> String? {
        guard case .unix(let path) = endpoint.address else { return nil }
        return keptPrefix + path.replacing(":", with: "_")
    }

    /// Has another socket, which was opened beside it, take the place of an endpoint's.
    /// - Returns: the one before; `nil` where there is none whose place could be taken.
    func replace(_ endpoint: Endpoint, with new: ListeningSocket) throws(SupervisorError) -> ListeningSocket? {
        guard let present = open[endpoint], present.count == 1 else { return nil }
        try new.takePlace(of: present[0])
        if let name = Self.keptName(endpoint) { notifier.removeStored(name: name) }
        open[endpoint] = [new]
        keep(new)
        return present[0]
    }

    /// Gives up what an earlier process listened on and the configuration no longer has.
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
            if case .tcp = endpoint.address { givenUp += sockets.map { ($0, Clock.now() + Self.gracePeriod) } }
        }
    }

    /// When `endGivenUp` has something to do.
    var deadline: Int? { givenUp.first?.due }

    /// Has ports refuse connections that were given up a while ago: a worker whose loop is held has not closed its copy.
    func endGivenUp(_ now: Int) {
        while let first = givenUp.first, first.due <= now {
            first.socket.stopListening()
            givenUp.removeFirst()
        }
    }

    /// The end has begun: sockets on which there is to be nothing new from now on. The caller has them stop listening.
    /// What systemd has made, or keeps for the next process, goes on.
    func endListening(_ endpoint: Endpoint) -> [ListeningSocket] {
        switch endpoint.address {
        case .systemd: return []
        case .unix where notifier.isPresent: return []
        case .unix, .tcp, .standardInput: return open.removeValue(forKey: endpoint) ?? []
        }
    }

    /// The end: the files go, except where systemd keeps the sockets for the next process.
    func removeFiles() {
        if notifier.isPresent { return }
        for socket in open.values.joined() { socket.removeFile() }
    }
}
