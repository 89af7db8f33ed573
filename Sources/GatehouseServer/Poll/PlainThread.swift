package import GatehouseSystem
import Glibc

/// A thread outside all pools, for code that blocks or loops for as long as the process lives.
package enum PlainThread {
    /// - Throws: if the operating system has no thread left.
    package static func run(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Box(body)).toOpaque()
        let created = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument)
        guard created == 0 else {
            Unmanaged<Box>.fromOpaque(argument).release()
            throw SystemError("pthread_create", created)
        }
        pthread_detach(thread)
    }
}
