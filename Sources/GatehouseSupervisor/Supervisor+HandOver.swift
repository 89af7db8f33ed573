internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// Connections that change workers.
extension Supervisor {
    /// More than a socket holds.
    private static let mostAtTheEnd = 4_096

    /// Takes what a worker hands over.
    ///
    /// - Parameter all: everything that a worker has left behind; one that lives keeps what has no room here.
    func receiveConnections(from worker: WorkerProcess, _ host: PoolHost, all: Bool) {
        for _ in 0..<(all ? Self.mostAtTheEnd : HandedOverConnections.most) {
            guard worker.passing >= 0, all || !host.handedOver.isFull else { return }
            var descriptor: Int32 = -1
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = gatehouse_receive_descriptor(worker.passing, &descriptor, &bytes, bytes.count)
            if count == 0 { worker.closePassing() }
            if count > 0, descriptor >= 0,
                case .connection(let listener) = PassedDescriptor(bytes: bytes.prefix(count)),
                worker.listeners.indices.contains(listener)
            {
                host.handedOver.receive(
                    HandedOverConnections.Connection(descriptor: descriptor, endpoint: worker.listeners[listener]))
            } else if descriptor >= 0 {
                // An empty message looks like the end, and may bring a descriptor all the same.
                close(descriptor)
            }
            guard count > 0 else { return }
        }
    }

    /// Gives what waits to workers that serve; from the loop, after whatever may have changed who does.
    func giveConnections(of host: PoolHost) {
        guard !host.handedOver.waiting.isEmpty else { return }
        let supervision = fleet.pools[host.name]
        if supervision?.isUnreachable == true { return refuseConnections(of: host) }
        let serving = supervision?.serving.compactMap { host.workers[$0.number] } ?? []
        let heirs = serving.filter { $0.passing >= 0 && !$0.isPassingFull }.map { worker in
            HandedOverConnections.Heir(
                number: worker.number, connections: worker.connections, listeners: worker.listeners)
        }
        let isAwaited = supervision?.awaitsService ?? false
        let awaited = isAwaited ? Set(host.configuration.endpoints.map(\.description)) : []
        let settled = host.handedOver.settle(heirs, awaited: awaited) { connection, number, listener in
            host.workers[number]?.give(connection.descriptor, listener: listener) ?? false
        }
        for connection in settled { close(connection.descriptor) }
    }

    /// Some of them carry a request already.
    private func refuseConnections(of host: PoolHost) {
        for connection in host.handedOver.takeAll() {
            guard let endpoint = host.configuration.endpoints.first(where: { $0.description == connection.endpoint })
            else {
                close(connection.descriptor)
                continue
            }
            refuse(connection.descriptor, of: host, at: endpoint)
        }
    }
}
