internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// Connections handed over from workers that drain to workers that serve.
extension Supervisor {
    /// More than a socket holds.
    private static let mostAtTheEnd = 4_096

    /// Takes connections that a worker hands over.
    ///
    /// - Parameter all: whether to take everything that a dead worker left behind; a living one keeps connections for
    ///   which there is no room here.
    func receiveConnections(from worker: WorkerProcess, _ processes: PoolProcesses, all: Bool) {
        for _ in 0..<(all ? Self.mostAtTheEnd : HandedOverConnections.most) {
            guard worker.handOver >= 0, all || !processes.handedOver.isFull else { return }
            var descriptor: Int32 = -1
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = gatehouse_receive_descriptor(worker.handOver, &descriptor, &bytes, bytes.count)
            if count == 0 { worker.closeHandOver() }
            if count > 0, descriptor >= 0,
                case .connection(let listener) = HandOverMessage(bytes: bytes.prefix(count)),
                worker.listeners.indices.contains(listener)
            {
                processes.handedOver.receive(
                    HandedOverConnections.Connection(descriptor: descriptor, endpoint: worker.listeners[listener]))
            } else if descriptor >= 0 {
                // An empty message looks like the end, but may still bring a descriptor.
                close(descriptor)
            }
            guard count > 0 else { return }
        }
    }

    /// Gives waiting connections to workers that serve; from the loop, after every event that may have changed which
    /// do.
    func giveConnections(of processes: PoolProcesses) {
        guard !processes.handedOver.waiting.isEmpty else { return }
        let machine = poolManager.pools[processes.name]
        if machine?.isUnreachable == true { return refuseConnections(of: processes) }
        let serving = machine?.serving.compactMap { processes.workers[$0.number] } ?? []
        let recipients = serving.filter { $0.handOver >= 0 && !$0.isHandOverFull }.map { worker in
            HandedOverConnections.Recipient(
                number: worker.number, connections: worker.connections, listeners: worker.listeners)
        }
        let isAwaited = machine?.awaitsService ?? false
        let awaited = isAwaited ? Set(processes.configuration.endpoints.map(\.description)) : []
        let settled = processes.handedOver.settle(recipients, awaited: awaited) { connection, number, listener in
            processes.workers[number]?.give(connection.descriptor, listener: listener) ?? false
        }
        for connection in settled { close(connection.descriptor) }
    }

    /// Answers waiting connections with 503: some of them carry a request already.
    private func refuseConnections(of processes: PoolProcesses) {
        for connection in processes.handedOver.takeAll() {
            guard
                let endpoint = processes.configuration.endpoints.first(where: { $0.description == connection.endpoint })
            else {
                close(connection.descriptor)
                continue
            }
            refuse(connection.descriptor, of: processes, at: endpoint)
        }
    }
}
