import NIOConcurrencyHelpers

/// A number that several threads add to.
final class Counter: Sendable {
    private let box = NIOLockedValueBox(0)

    var value: Int { box.withLockedValue { $0 } }

    func add(_ amount: Int) {
        box.withLockedValue { $0 += amount }
    }
}
