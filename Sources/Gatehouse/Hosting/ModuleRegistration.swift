import NIOConcurrencyHelpers

/// Where a module that is being loaded offers its type to the worker that loads it.
///
/// The worker opens a collection, calls the library's `main`, and closes it. In a program of its own nobody collects,
/// and `main` serves.
package enum ModuleRegistration {
    private enum State {
        case notCollecting
        case collecting([any HandlerModule.Type])
    }

    private static let state = NIOLockedValueBox(State.notCollecting)

    /// - Returns: whether a worker took the type.
    static func offer(_ type: any HandlerModule.Type) -> Bool {
        state.withLockedValue { state in
            guard case .collecting(let types) = state else { return false }
            state = .collecting(types + [type])
            return true
        }
    }

    /// Calls `load` and returns the types that were offered meanwhile. One load at a time.
    package static func collect(during load: () -> Void) -> [any HandlerModule.Type] {
        state.withLockedValue { $0 = .collecting([]) }
        load()
        return state.withLockedValue { state in
            defer { state = .notCollecting }
            guard case .collecting(let types) = state else { return [] }
            return types
        }
    }
}
