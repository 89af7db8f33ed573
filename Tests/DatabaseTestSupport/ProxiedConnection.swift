import Glibc

/// One connection of a proxy: the bytes of both directions.
struct ProxiedConnection {
    enum Outcome {
        case open, ended
        case cut(reset: Bool)
    }

    /// Bytes on their way from one end to the other.
    struct Flow {
        let direction: FaultProxy.Direction
        let source: Int32
        let sink: Int32
        var passed = 0
        private var held: ArraySlice<UInt8> = []
        private var isEnded = false
        private var waitsForSink = false
        private var isStalled = false
        private var waitsForReader = false

        init(_ direction: FaultProxy.Direction, from source: Int32, to sink: Int32) {
            self.direction = direction
            self.source = source
            self.sink = sink
        }

        /// Moves on what may pass at this moment.
        mutating func step(_ faults: [FaultProxy.Fault]) -> Outcome {
            while true {
                (isStalled, waitsForReader, waitsForSink) = (false, false, false)
                if held.isEmpty, !isEnded { fill() }
                var most = held.count
                for fault in faults {
                    if let outcome = apply(fault, to: &most) { return outcome }
                }
                if most == 0 { return held.isEmpty && isEnded ? .ended : .open }
                let count = held.prefix(most).withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else {
                    waitsForSink = errno == EAGAIN
                    return waitsForSink ? .open : .ended
                }
                passed += count
                held = held.dropFirst(count)
            }
        }

        /// - Returns: an outcome if the fault ends the connection.
        private mutating func apply(_ fault: FaultProxy.Fault, to most: inout Int) -> Outcome? {
            switch fault {
            case .cut(let count, direction, let reset):
                if passed >= count, count > 0 || !held.isEmpty { return .cut(reset: reset) }
                most = min(most, count - passed)
            case .stall(let count, direction):
                isStalled = passed >= count
                most = min(most, max(0, count - passed))
            case .split(let count, direction) where passed <= count:
                if passed < count { most = min(most, count - passed) } else { waitForReader(&most) }
            case .drip(direction):
                most = min(most, 1)
                waitForReader(&most)
            default: break
            }
            return nil
        }

        private mutating func waitForReader(_ most: inout Int) {
            guard most > 0, ProxySocket.unread(sink) > 0 else { return }
            waitsForReader = true
            most = 0
        }

        private mutating func fill() {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(source, &buffer, buffer.count, 0)
            if count > 0 { held = buffer[..<count] }
            isEnded = count == 0 || (count < 0 && errno != EAGAIN)
        }

        func addEvents(to round: inout ProxyRound) {
            if waitsForReader { round.looksAgain = true }
            if waitsForSink { round.add(sink, POLLOUT) }
            if held.isEmpty, !isEnded { round.add(source, POLLIN) }
        }
    }

    var toServer: Flow
    var toClient: Flow

    init(client: Int32, server: Int32) {
        toServer = Flow(.toServer, from: client, to: server)
        toClient = Flow(.toClient, from: server, to: client)
    }

    /// An end of one side ends both, as soon as all of its bytes have passed.
    mutating func step(_ faults: [FaultProxy.Fault]) -> Outcome {
        let outcome = toClient.step(faults)
        guard case .open = outcome else { return outcome }
        return toServer.step(faults)
    }

    func addEvents(to round: inout ProxyRound) {
        toServer.addEvents(to: &round)
        toClient.addEvents(to: &round)
    }

    func close(reset: Bool) {
        for descriptor in [toServer.source, toServer.sink] {
            if reset { ProxySocket.resetAtClose(descriptor) }
            Glibc.close(descriptor)
        }
    }
}
