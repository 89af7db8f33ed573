import Logging
import ServiceLifecycle

/// What the modules run beside their handlers, in one group: started before the worker is ready, stopped after its last
/// request.
struct ModuleServices {
    private let group: ServiceGroup?
    private let running: Task<Void, any Error>?

    /// - Parameter ended: called where they end although nobody has stopped them.
    init(_ services: [any Service], logger: Logger, ended: @escaping @Sendable () -> Void) {
        guard !services.isEmpty else {
            group = nil
            running = nil
            return
        }
        let group = ServiceGroup(services: services, logger: logger)
        self.group = group
        running = Task {
            do {
                try await group.run()
            } catch {
                logger.critical("a module's service ended: \(error)")
                ended()
                throw error
            }
        }
    }

    /// Shuts them down and waits for them.
    func stop() async {
        await group?.triggerGracefulShutdown()
        _ = await running?.result
    }
}
