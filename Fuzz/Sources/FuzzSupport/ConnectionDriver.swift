public import GatehouseWire

/// A peer and an engine around one connection: feeds bytes, answers requests, and checks the invariants at each step.
public struct ConnectionDriver<Connection: GatewayConnection> {
    /// The state of one request as the front server knows it.
    private struct Live {
        var hasHead = false
        var bodyEnded = false
        var dataEnded = false
        var aborted = false

        var takesBody: Bool { hasHead && !bodyEnded && !aborted }
        var takesData: Bool { hasHead && !dataEnded && !aborted }
    }

    public private(set) var connection: Connection
    public private(set) var observations: [Observation] = []
    public private(set) var output: [UInt8] = []
    /// Requests that wait for their end, in the order of their heads.
    public private(set) var waiting: [RequestID] = []
    public private(set) var isViolated = false
    /// Whether requests are answered as soon as their body has ended or they are aborted.
    public var answersAtOnce = true

    private let limits: Limits
    private var live: [RequestID: Live] = [:]
    private var clock: Int64 = 1
    /// Called with the id of each request that is owed an end, before anything is sent for it.
    private let expect: (RequestID) -> Void
    private let check: ([UInt8]) -> Void

    /// - Parameters:
    ///   - expect: called for each request that is owed an end.
    ///   - check: called with all bytes that the connection appends at a time.
    ///   - names: the names that earlier requests had.
    public init(
        limits: Limits, names: NameMemory? = nil, expect: @escaping (RequestID) -> Void,
        check: @escaping ([UInt8]) -> Void
    ) {
        connection = Connection(limits: limits)
        connection.names = names
        self.limits = limits
        self.expect = expect
        self.check = check
    }

    /// Feeds one chunk as the transport would.
    public mutating func feed(_ bytes: [UInt8]) {
        var offset = 0
        var idle = 0
        while !isViolated {
            clock += 1
            let before = offset
            let event: ConnectionEvent?
            do throws(PeerViolation) {
                event = try connection.nextEvent(in: bytes.span, at: &offset, now: clock)
            } catch {
                isViolated = true
                observations.add(.violated(error.code))
                require(throwsAgain(), "a connection that was violated goes on")
                return
            }
            require(offset >= before && offset <= bytes.count, "the offset went from \(before) to \(offset)")
            guard let event else {
                require(offset == bytes.count, "no event, and \(bytes.count - offset) bytes unused")
                return
            }
            idle = offset == before ? idle + 1 : 0
            require(idle <= 4, "events without end and without a byte used")
            take(event, bytes, before..<offset)
            require(live.count <= limits.concurrentRequests, "\(live.count) requests alive")
        }
    }

    private mutating func throwsAgain() -> Bool {
        var offset = 0
        do throws(PeerViolation) {
            return try connection.nextEvent(in: [1, 1, 0, 1, 0, 8, 0, 0].span, at: &offset, now: clock) != nil && false
        } catch {
            return offset == 0
        }
    }

    private mutating func take(_ event: ConnectionEvent, _ bytes: [UInt8], _ used: Range<Int>) {
        switch event {
        case .requestReceived(let head):
            require(live[head.id] == nil, "request \(head.id.rawValue) was received while it lives")
            live[head.id] = Live(hasHead: true)
            waiting.append(head.id)
            expect(head.id)
            observations.add(.received(head))
        case .bodyReceived(let id, let range):
            require(
                !range.isEmpty && range.lowerBound >= used.lowerBound && range.upperBound <= used.upperBound, "range")
            require(live[id]?.takesBody == true, "body of a request that has none coming")
            observations.add(.body(id, Array(bytes[range])))
        case .dataReceived(let id, let range):
            require(
                !range.isEmpty && range.lowerBound >= used.lowerBound && range.upperBound <= used.upperBound, "range")
            require(live[id]?.takesData == true, "data of a request that has none coming")
            observations.add(.data(id, Array(bytes[range])))
        case .bodyEnded(let id):
            require(live[id]?.bodyEnded == false, "the body of request \(id.rawValue) ended twice or never began")
            live[id]?.bodyEnded = true
            observations.add(.bodyEnded(id))
            if answersAtOnce { end(id) }
        case .dataEnded(let id):
            require(live[id]?.dataEnded == false, "the data of request \(id.rawValue) ended twice or never began")
            live[id]?.dataEnded = true
            observations.add(.dataEnded(id))
        case .requestAborted(let id):
            // An abort before the parameters are whole is the first event of its request, which is owed its end, too.
            if live[id] == nil {
                live[id] = Live()
                waiting.append(id)
                expect(id)
            }
            require(live[id]?.aborted == false, "request \(id.rawValue) was aborted twice")
            live[id]?.aborted = true
            observations.add(.aborted(id))
            if answersAtOnce { end(id) }
        case .requestRefused(let id, let refusal):
            observations.add(.refused(id, refusal))
            refuse(id, refusal)
        case .questionReceived(let answer):
            observations.add(.answer(answer))
            append { _, output in output += answer }
        }
    }

    /// Answers a refused request. It may have been received before.
    private mutating func refuse(_ id: RequestID, _ refusal: Refusal) {
        if live[id] == nil { expect(id) }
        forget(id)
        append { connection, output in connection.appendRefusal(refusal, of: id, to: &output) }
    }

    /// Ends a request that waits.
    public mutating func end(_ id: RequestID) {
        guard live[id] != nil else { return }
        forget(id)
        append { connection, output in connection.appendEnd(of: id, to: &output) }
    }

    public mutating func write(_ content: [UInt8], of id: RequestID) {
        var bytes: [UInt8] = []
        connection.appendOutput(content.span, of: id, to: &bytes)
        check(bytes)
    }

    /// Writes content in frames, as for content that lies elsewhere.
    public mutating func writeFramed(_ content: [UInt8], of id: RequestID) {
        var rest = content[...]
        var bytes: [UInt8] = []
        while !rest.isEmpty {
            let frame = connection.appendFrame(forOutputOf: rest.count, of: id, to: &bytes)
            require(frame.contentLength > 0 && frame.contentLength <= rest.count, "frame of \(frame.contentLength)")
            bytes += rest.prefix(frame.contentLength)
            bytes += [UInt8](repeating: 0, count: frame.paddingLength)
            rest = rest.dropFirst(frame.contentLength)
        }
        check(bytes)
    }

    private mutating func forget(_ id: RequestID) {
        live[id] = nil
        waiting.removeAll { $0 == id }
    }

    private mutating func append(_ write: (inout Connection, inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        write(&connection, &bytes)
        output += bytes
        check(bytes)
    }
}
