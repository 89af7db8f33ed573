import Synchronization

/// Values of one request that middleware and handlers share, each under a key of its own type.
///
/// Copies of a request context have the same values, so what a handler sets is seen by the middleware around it when
/// the response comes back.
public final class RequestValues: Sendable {
    private let values = Mutex<[ObjectIdentifier: any Sendable]>([:])

    /// Makes the empty values of a new request.
    public init() {}

    /// The value under a key; `nil` if there is none.
    public subscript<Key: RequestValueKey>(key: Key.Type) -> Key.Value? {
        get { values.withLock { $0[ObjectIdentifier(key)] } as? Key.Value }
        set { values.withLock { $0[ObjectIdentifier(key)] = newValue } }
    }
}

/// A key of ``RequestValues``: an empty type that names the type of its value.
public protocol RequestValueKey {
    /// The value's type.
    associatedtype Value: Sendable
}
