import Synchronization

/// Values of one request that middleware and handlers share, each under a key of its own type.
///
/// Copies of a request context have the same values, so what a handler sets is seen by the middleware around it when
/// the response comes back.
public final class RequestValues: Sendable {
    /// In an array: a request has a handful of values, and a look at each is faster than a hash.
    private let values = Mutex<[(key: ObjectIdentifier, value: any Sendable)]>([])

    /// Makes the empty values of a new request.
    public init() {}

    /// The value under a key; `nil` if there is none.
    public subscript<Key: RequestValueKey>(key: Key.Type) -> Key.Value? {
        get { values.withLock { values in values.first { $0.key == ObjectIdentifier(key) }?.value } as? Key.Value }
        set {
            let key = ObjectIdentifier(key)
            values.withLock { values in
                let index = values.firstIndex { $0.key == key }
                switch (index, newValue) {
                case (let index?, let value?): values[index].value = value
                case (let index?, nil): values.remove(at: index)
                case (nil, let value?): values.append((key, value))
                case (nil, nil): break
                }
            }
        }
    }
}

/// A key of ``RequestValues``: an empty type that names the type of its value.
public protocol RequestValueKey {
    /// The value's type.
    associatedtype Value: Sendable
}
