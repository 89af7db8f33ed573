package import GatehouseServer
import Hummingbird
import Logging
package import ServiceLifecycle
import Synchronization

/// The meeting place of a module that is being loaded and the worker that loads it.
///
/// The worker calls ``collect(during:)``, inside which the library's `main` offers the module's type. In a program of
/// its own nobody collects, and `main` serves the module instead.
package enum ModuleRegistration {
    private enum State {
        case notCollecting
        case collecting([any HandlerModule.Type])
    }

    private static let state = Mutex(State.notCollecting)

    /// - Returns: whether a worker took the type.
    static func offer(_ type: any HandlerModule.Type) -> Bool {
        state.withLock { state in
            guard case .collecting(let types) = state else { return false }
            state = .collecting(types + [type])
            return true
        }
    }

    /// Calls `load` and returns the types that were offered meanwhile. One load at a time.
    package static func collect(during load: () -> Void) -> [any HandlerModule.Type] {
        state.withLock { $0 = .collecting([]) }
        load()
        return state.withLock { state in
            defer { state = .notCollecting }
            guard case .collecting(let types) = state else { return [] }
            return types
        }
    }
}

/// A module that has been made and is ready to be mounted.
package struct HostedModule: Sendable {
    package let handler: any MountedHandler
    package let services: [any Service]

    /// Makes the module.
    /// - Throws: the error of its `init` or of its responder.
    package init(_ type: any HandlerModule.Type, context: ModuleContext, log: LineLogHandler) async throws {
        self = try await Self.make(type, context: context, log: log)
    }

    private init(handler: any MountedHandler, services: [any Service]) {
        self.handler = handler
        self.services = services
    }

    private static func make<Module: HandlerModule>(
        _ type: Module.Type, context: ModuleContext, log: LineLogHandler
    ) async throws -> HostedModule {
        let module = try await Module(context: context)
        let responder = try await module.responder
        for problem in context.unusedSettings { context.logger.warning("\(problem)") }
        let handler: any MountedHandler
        let routes = responder as? RoutesResponder<GatewayRequestContext>
        if let common = routes?.router ?? responder as? RouterResponder<GatewayRequestContext> {
            handler = RoutedHandler(
                name: context.name, execution: Module.execution, responder: common, methods: routes?.methods,
                known: routes?.known, log: log)
        } else {
            handler = ModuleHandler(name: context.name, execution: Module.execution, responder: responder, log: log)
        }
        return HostedModule(handler: handler, services: module.services)
    }
}
