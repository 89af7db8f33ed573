public import GatehouseWire

/// An event with its bytes in place of its ranges, so that the same transcript cut in different places can be compared.
public enum Observation: Equatable {
    case received(RequestHead)
    case body(RequestID, [UInt8])
    case bodyEnded(RequestID)
    case data(RequestID, [UInt8])
    case dataEnded(RequestID)
    case aborted(RequestID)
    case refused(RequestID, Refusal)
    case answer([UInt8])
    case violated(PeerViolation.Code)
}

extension [Observation] {
    /// Adds an observation. Pieces of one stream that follow each other become one, because it is the transport that
    /// cuts a body.
    mutating func add(_ next: Observation) {
        switch (last, next) {
        case (.body(let id, let before), .body(let same, let bytes)) where id == same:
            self[count - 1] = .body(id, before + bytes)
        case (.data(let id, let before), .data(let same, let bytes)) where id == same:
            self[count - 1] = .data(id, before + bytes)
        default: append(next)
        }
    }
}
