import Synchronization

/// What a user's or a group's number means, asked for once until it is forgotten: the answer can come from a directory
/// service, and a supervisor that is only asked for its status must not wait for one that is down.
final class Remembered<Value: Sendable>: Sendable {
    private let known = Mutex<[UInt32: Value]>([:])
    private let ask: @Sendable (UInt32) -> Value

    init(_ ask: @escaping @Sendable (UInt32) -> Value) { self.ask = ask }

    subscript(number: UInt32) -> Value {
        known.withLock { known in
            if let value = known[number] { return value }
            let value = ask(number)
            known[number] = value
            return value
        }
    }

    func forget() { known.withLock { $0 = [:] } }
}
