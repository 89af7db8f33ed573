import CGatehouseSystem
import Glibc

/// Connections of a proxy and the faults that they suffer.
struct ProxyState: ~Copyable {
    let server: FaultProxy.Address
    let listening: [Int32]
    var refuses = false
    private var connections: [ProxiedConnection] = []
    private(set) var accepted = 0
    private(set) var cuts = 0
    private var faults: [FaultProxy.Fault] = []
    private var times = Int.max
    /// Bytes of connections that are gone.
    private var passedBefore = (toServer: 0, toClient: 0)

    init(server: FaultProxy.Address, listening: [Int32]) {
        self.server = server
        self.listening = listening
    }

    mutating func arm(_ faults: [FaultProxy.Fault], times: Int) {
        self.faults = faults
        self.times = times
        passedBefore = (0, 0)
        for index in connections.indices {
            connections[index].toServer.passed = 0
            connections[index].toClient.passed = 0
        }
    }

    func passed(_ direction: FaultProxy.Direction) -> Int {
        switch direction {
        case .toServer: passedBefore.toServer + connections.reduce(0) { $0 + $1.toServer.passed }
        case .toClient: passedBefore.toClient + connections.reduce(0) { $0 + $1.toClient.passed }
        }
    }

    mutating func cutAll(reset: Bool) {
        for connection in connections { end(connection, reset: reset) }
        connections.removeAll()
    }

    mutating func closeAll() {
        cutAll(reset: false)
        listening.forEach { close($0) }
    }

    /// Does all that can be done without waiting.
    /// - Returns: the events after which there is more to do.
    mutating func round() -> ProxyRound {
        for descriptor in listening { accept(from: descriptor) }
        var round = ProxyRound(listening)
        var kept: [ProxiedConnection] = []
        for var connection in connections {
            switch connection.step(faults) {
            case .open:
                connection.addEvents(to: &round)
                kept.append(connection)
            case .ended:
                end(connection, reset: false)
            case .cut(let reset):
                end(connection, reset: reset)
                cuts += 1
                times -= 1
                if times == 0 { faults = [] }
            }
        }
        connections = kept
        return round
    }

    private mutating func end(_ connection: ProxiedConnection, reset: Bool) {
        passedBefore.toServer += connection.toServer.passed
        passedBefore.toClient += connection.toClient.passed
        connection.close(reset: reset)
    }

    private mutating func accept(from listening: Int32) {
        while true {
            let client = gatehouse_accept(listening)
            guard client >= 0 else { return }
            accepted += 1
            guard !refuses, let server = try? ProxySocket.connect(to: server) else {
                close(client)
                continue
            }
            ProxySocket.sendAtOnce(client)
            connections.append(ProxiedConnection(client: client, server: server))
        }
    }
}

/// Descriptors to wait for before the next round of a proxy.
struct ProxyRound {
    private var entries: [pollfd]
    /// Whether a receiver has to read before the next write: nothing wakes the proxy then.
    var looksAgain = false

    init(_ listening: [Int32]) {
        entries = listening.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }

    mutating func add(_ descriptor: Int32, _ event: Int32) {
        entries.append(pollfd(fd: descriptor, events: Int16(event), revents: 0))
    }

    /// Returns when there is something to do, or the proxy was told something.
    func wait(wake: Int32) {
        var all = entries + [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        poll(&all, nfds_t(all.count), looksAgain ? 1 : -1)
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(wake, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }
}
